#include <QComboBox>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QStandardItemModel>
#include <QToolButton>

#include "app/studio/figures/legend.h"
#include "app/studio/live/live_view.h"
#include "app/studio/live/metric_names.h"
#include "app/studio/live/next_tokens.h"
#include "app/studio/live/panel.h"
#include "app/studio/live/prompt_row.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/replay_row.h"
#include "app/studio/live/routing_table.h"
#include "app/studio/live/token_strip.h"
#include "app/studio/live/yard_legend.h"
#include "app/studio/live/yard_widget.h"

namespace switchyard::studio {

void LiveView::showTrack(bool replaced) {
  if (replaced) {
    updateMetrics();
    updateControls();
    arrange();
    updateState();
  }
  updateHeaders();
  if (showsTable() || replaced)
    m_routing->refresh();
}

void LiveView::updateControls() {
  const bool replay = m_player.source() == PlaySource::Replay;
  m_promptRow->setVisible(!replay);
  m_replayRow->setVisible(replay);
  m_replayRow->refresh();
  prompt().setReadOnly(m_player.state() == PlayState::Loading);
}

void LiveView::updateHeaders() {
  const Track* track = m_player.track();
  m_compare->setVisible(m_player.other() != nullptr);
  const YardLayout& places = m_yard->where();
  QString question = m_yard->headline();
  if (width() > 1100 && question.isEmpty())
    question = tr("Which experts carry this token, and which carried the last ones?");
  else if (width() > 1100)
    question =
        tr("%1 layers × %2 experts · %3").arg(places.layers()).arg(places.experts()).arg(question);
  m_yardPanel->setQuestion(question);
  const Reel* other = m_yard->showsOther() ? m_player.other() : nullptr;
  const Item* trace = other ? workbench().document().item(other->item) : nullptr;
  m_yardLegend->setOther(!other ? QString() : trace ? trace->name : tr("the text before"));
  m_yardLegend->setHistory(std::min(m_yard->history(), places.history()), places.hasChips());
  m_nextPanel->setQuestion(m_next->headline());
  if (!track)
    return;
  const bool whole = m_raster->metric() == TokenMetric::Expert;
  m_rasterLegend->setScale({}, rasterScale(), whole ? ValueFormat::Count : ValueFormat::Rate, {});
  question = tr("tokens × layers");
  if (m_raster->tokensPerColumn() > 1)
    question += tr(" · 1 column = %1 tokens, maximum").arg(m_raster->tokensPerColumn());
  if (!workbench().selection().filter().isEmpty()) {
    std::int64_t passed = 0;
    for (std::int64_t p = track->begin(); p < track->end(); ++p)
      passed += m_player.passes(p) ? 1 : 0;
    question += tr(" · filtered: %1 of %2 tokens").arg(passed).arg(track->end() - track->begin());
  }
  m_rasterPanel->setQuestion(question);
  m_replayRow->refresh();
  const QString gate = track->shape().weights ? tr("gate = weight as multiplied")
                                              : tr("no gate weights: strands show ranks only");
  const QString entropy =
      track->shape().logits
          ? tr("entropy of all %1 probabilities divided by ln %1").arg(track->experts())
          : tr("entropy needs logits, not in this trace");
  setProvenance(gate + " · " + entropy, commandLine());
}

void LiveView::updateMetrics() {
  const Track* track = m_player.track();
  const TrackShape shape = track ? track->shape() : TrackShape{};
  const bool npmi = m_player.npmi() != nullptr;
  const auto fill = [&](QComboBox* choice, bool layers, TokenMetric kept,
                        std::optional<std::size_t> keptLayer) {
    const QSignalBlocker quiet(choice);
    choice->clear();
    auto* model = qobject_cast<QStandardItemModel*>(choice->model());
    const auto add = [&](TokenMetric metric, std::optional<std::size_t> layer,
                         const QString& name) {
      choice->addItem(name, static_cast<int>(metric));
      const int row = choice->count() - 1;
      if (layer)
        choice->setItemData(row, static_cast<int>(*layer), Qt::UserRole + 1);
      const QString missing = metricMissing(metric, shape, npmi);
      if (!missing.isEmpty() && model) {
        model->item(row)->setEnabled(!track);
        model->item(row)->setToolTip(missing);
      }
      if (metric == kept && layer == keptLayer)
        choice->setCurrentIndex(row);
    };
    for (const TokenMetric metric : kTokenMetrics)
      add(metric, std::nullopt,
          layers ? metricName(metric, std::nullopt, shape) : metricName(metric));
    if (!layers)
      return;
    for (const TokenMetric metric : kTokenMetrics)
      for (std::size_t l = 0; l < std::min<std::size_t>(shape.layers.size(), 64); ++l)
        add(metric, l, metricName(metric, l, shape));
  };
  TokenMetric stripMetric = m_strip->metric();
  std::optional<std::size_t> layer = m_strip->layer();
  TokenMetric rasterMetric = m_raster->metric();
  if (layer && *layer >= shape.layers.size())
    layer.reset();
  if (track && !metricMissing(stripMetric, shape, npmi).isEmpty())
    stripMetric = TokenMetric::Expert;
  if (track && !metricMissing(rasterMetric, shape, npmi).isEmpty())
    rasterMetric = TokenMetric::Expert;
  m_strip->setMetric(stripMetric, layer);
  m_raster->setMetric(rasterMetric);
  fill(m_stripMetric, true, stripMetric, layer);
  fill(m_rasterMetric, false, rasterMetric, std::nullopt);
}

void LiveView::updateState() {
  Document& document = workbench().document();
  const Item* model = document.currentItem(ItemKind::Model);
  const bool nothing = !m_player.track() && m_player.state() != PlayState::Loading;
  if (!nothing) {
    clearState();
    return;
  }
  std::vector<StateAction> actions;
  const auto action = [&](const char* id, const QString& text) {
    if (QAction* found = workbench().actions().action(id))
      actions.push_back({text, [found] { found->trigger(); }});
  };
  if (model && model->modelFacts && model->modelFacts->moeLayers == 0) {
    showEmpty({}, tr("This model has no mixture-of-experts layers. Nothing to show."));
    return;
  }
  if (model) {
    actions.push_back({tr("Generate"), [this] { generate(); }});
    action("file.open-trace", tr("Open trace…"));
    showEmpty(
        tr("Nothing is running"),
        tr("Type a prompt and press Ctrl+Enter: each token is routed in front of you. Or open a "
           "trace to play it again."),
        actions);
    return;
  }
  action("file.demo", tr("Open the demo model"));
  action("file.open-model", tr("Open model…"));
  action("file.open-trace", tr("Open trace…"));
  showEmpty(
      tr("No model is open"),
      tr("A model continues your text here while you watch where every token goes; a trace plays "
         "again without one."),
      actions);
}

void LiveView::speak() {
  const bool still =
      m_player.state() == PlayState::Paused || m_player.state() == PlayState::Finished;
  if (still)
    m_yard->setAccessibleDescription(m_yard->spoken());
}

bool LiveView::paint(QPainter& painter, const QRectF& area) {
  return View::paint(painter, area);
}

QString LiveView::commandLine() const {
  return m_player.commandLine();
}

void LiveView::refresh() {
  updateState();
  showTrack(false);
}

} // namespace switchyard::studio
