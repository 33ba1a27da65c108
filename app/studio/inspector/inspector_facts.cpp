#include <cmath>

#include <QLabel>
#include <QPushButton>

#include "app/studio/document/numbers.h"
#include "app/studio/figures/value_text.h"
#include "app/studio/inspector/cell_card.h"
#include "app/studio/inspector/fact_rows.h"
#include "app/studio/inspector/inspector.h"
#include "app/studio/inspector/lift_bars.h"
#include "app/studio/inspector/rank_table.h"
#include "app/studio/live/metric_names.h"
#include "app/studio/live/next_tokens.h"
#include "app/studio/shell/dock.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/result_store.h"

namespace switchyard::studio {

namespace {

QString percent(double share) {
  return QString("%1 %").arg(100 * share, 0, 'f', share < 0.1 ? 1 : 0);
}

} // namespace

void Inspector::refresh() {
  const Selection& selection = m_workbench.selection();
  const std::int64_t shown = m_player.shown();
  m_token = shown >= 0 ? std::optional(shown) : std::nullopt;
  m_expert = selection.primaryExpert();
  m_pin.reset();
  if (const auto* pin = std::get_if<ExpertKey>(&selection.pin()))
    m_pin = *pin;
  const std::optional<Inspected>& cell = Inspection::of(m_workbench).shown();
  m_lost->setText(selection.lostToken());
  m_lost->setVisible(!m_lost->text().isEmpty());
  m_empty->setVisible(!m_token && !m_expert && !cell && m_lost->text().isEmpty());
  m_cell->showInspected(cell);
  showToken();
  showExpert();
  placeLock();
  QStringList provenance;
  if (const Reel* reel = m_player.reel(); reel && m_token) {
    if (reel->source == PlaySource::Live)
      provenance << tr("%1, f32 router logits, %2, %3.")
                        .arg(QString::fromStdString(reel->request.folder.filename().string()),
                             reel->request.decoder.name.empty()
                                 ? tr("sampler")
                                 : QString::fromStdString(reel->request.decoder.name),
                             reel->request.recipe ? tr("with a recipe") : tr("no recipe"));
    else
      provenance << tr("Trace %1, recorded: %2.")
                        .arg(QString::fromStdString(reel->trace->path().filename().string()),
                             QString::fromStdString(trace::describe(reel->trace->columns())));
    const int experts = reel->track.experts();
    if (reel->track.shape().weights)
      provenance << tr("Gate = weight as multiplied (top-%1).").arg(reel->track.k());
    if (reel->track.shape().logits)
      provenance << tr("Entropy of all %1 probabilities divided by ln %1. Margin = 1st minus 2nd "
                       "probability.")
                        .arg(experts);
  }
  if (!m_facts.isEmpty())
    provenance << tr("Load, lift, tokens and partners: trace “%1”; intervals 95 %, over documents.")
                      .arg(m_facts.source);
  m_provenance->setText(provenance.join(' '));
  if (auto* dock = qobject_cast<Dock*>(parentWidget()))
    dock->setDetail(m_token && m_expert ? tr("token and expert")
                    : m_token           ? tr("token")
                    : m_expert          ? tr("expert")
                    : cell              ? tr("cell or result")
                                        : QString());
  m_provenanceTitle->setVisible(!provenance.isEmpty());
  m_copy->setVisible(!m_player.commandLine().isEmpty() || !m_facts.command.isEmpty());
}

void Inspector::showToken() {
  const Track* track = m_player.track();
  const bool shown = m_token && track && track->contains(*m_token);
  m_tokenCard->setVisible(shown);
  if (!shown)
    return;
  const Theme& theme = Theme::instance();
  const std::int64_t position = *m_token;
  const std::int32_t id = track->token(position);
  const QString chip = m_player.texts().chip(id);
  m_chip->setFont(Theme::instance().pieceFont(chip));
  m_chip->setText(QFontMetrics(m_chip->font()).elidedText(chip, Qt::ElideRight, theme.px(64)));
  m_chip->setToolTip(chip);
  m_tokenTitle->setFont(theme.font(TextSize::InspectorTitle, TextWeight::Title));
  m_tokenTitle->setText(tr("Token %1").arg(position));
  const bool prompt = position < track->promptLength();
  m_tokenPhase->setText(
      prompt ? tr("prompt, id %1").arg(id)
             : tr("generated, step %1, id %2").arg(position - track->promptLength() + 1).arg(id));
  std::vector<FactRows::Row> rows;
  const NextToken* chosen = track->contains(position - 1) ? track->next(position - 1) : nullptr;
  if (chosen && !prompt)
    rows.push_back({tr("Probability when chosen"),
                    probabilityText(static_cast<double>(chosen->probability)),
                    {},
                    tr("Softmax of the scores it was drawn from, before temperature and filters")});
  const auto mean = [&](TokenMetric metric, const QString& name, const QString& help) {
    const float value = valueOf(metric, *track, position, std::nullopt, m_player.npmi());
    if (!std::isnan(value))
      rows.push_back({name, metricText(value), {}, help});
  };
  mean(TokenMetric::TopGate, tr("Mean top-1 gate"), tr("Largest gate weight, mean of the layers"));
  mean(TokenMetric::Entropy, tr("Mean router entropy"),
       tr("Over ln E: 0 one expert, 1 all alike; mean of the layers"));
  mean(TokenMetric::Npmi, tr("Mean nPMI of first choices"), {});
  mean(TokenMetric::Agreement, tr("Agreement with base"),
       tr("Share of the model's own choices that the recipe kept"));
  if (const QString rerouting = reroutingText(*track, position); !rerouting.isEmpty())
    rows.push_back({tr("Rerouting"), rerouting, {}, {}});
  m_tokenFacts->setRows(std::move(rows));
  m_ranks->setToken(position);
}

void Inspector::showExpert() {
  m_expertCard->setVisible(m_expert.has_value());
  m_facts = m_pinFacts = {};
  if (!m_expert)
    return;
  const Theme& theme = Theme::instance();
  const Document& document = m_workbench.document();
  const ItemKey trace = document.current(ItemKind::Trace);
  m_facts = expertFacts(document, *m_expert, trace);
  if (m_facts.isEmpty())
    m_facts = expertFacts(document, *m_expert, 0);
  const bool compares = m_pin && *m_pin != *m_expert;
  if (compares)
    m_pinFacts = expertFacts(document, *m_pin, m_facts.trace);
  m_expertTitle->setFont(theme.font(TextSize::Base, TextWeight::Title));
  m_expertTitle->setText(compares ? tr("Expert %1 | %2").arg(toText(*m_expert), toText(*m_pin))
                                  : tr("Expert %1").arg(toText(*m_expert)));
  m_expertSource->setText(m_facts.source.isEmpty() ? QString()
                                                   : tr("trace “%1”").arg(m_facts.source));
  std::vector<FactRows::Row> rows;
  const auto both = [&](const QString& name,
                        const std::function<QString(const ExpertFacts&)>& value,
                        const QString& help) {
    const QString own = value(m_facts);
    if (!own.isEmpty())
      rows.push_back({name, own, compares ? value(m_pinFacts) : QString(), help});
  };
  const auto interval = [](const ExpertFacts& f) {
    return f.load && f.loadInterval ? valueText(*f.load, *f.loadInterval, ValueFormat::Times)
                                    : QString();
  };
  QString loadHelp = tr("Tokens that chose it over tokens × k / E; 95 % interval over documents");
  if (compares) // two values leave no room
    for (const ExpertFacts* shown : {&m_facts, &m_pinFacts})
      if (const QString text = interval(*shown); !text.isEmpty())
        loadHelp += "\n" + tr("%1: %2").arg(toText(shown == &m_facts ? *m_expert : *m_pin), text);
  both(
      tr("Load, fair share = 1"),
      [&](const ExpertFacts& f) {
        const QString whole = compares ? QString() : interval(f);
        return !whole.isEmpty() ? whole : f.load ? timesText(*f.load) : QString();
      },
      loadHelp);
  both(tr("Tokens"),
       [](const ExpertFacts& f) {
         return f.count && f.total ? tr("%1 of %2").arg(grouped(*f.count), grouped(*f.total))
                                   : QString();
       },
       {});
  both(
      tr("Rank in its layer"),
      [](const ExpertFacts& f) {
        return f.rank ? tr("%1 of %2").arg(ordinal(*f.rank)).arg(f.experts) : QString();
      },
      tr("By load"));
  both(
      tr("First choice of"),
      [](const ExpertFacts& f) {
        return f.firstChoice && f.count && *f.count > 0
                   ? percent(static_cast<double>(*f.firstChoice) / static_cast<double>(*f.count))
                   : QString();
      },
      tr("Share of its tokens that ranked it first"));
  both(tr("nPMI"),
       [](const ExpertFacts& f) { return f.npmi ? QString::number(*f.npmi, 'f', 3) : QString(); },
       {});
  // What the tokens on the screen say, results or not.
  const Track* track = m_player.track();
  const int layer = m_player.moeLayerOf(m_expert->layer);
  if (track && layer >= 0 && !track->isEmpty()) {
    const auto l = static_cast<std::size_t>(layer);
    const auto use = [&](int expert) {
      return tr("%1 of %2")
          .arg(grouped(track->uses(l, expert, track->begin(), track->end())),
               grouped(track->end() - track->begin()));
    };
    const int pinLayer = compares ? m_player.moeLayerOf(m_pin->layer) : -1;
    rows.push_back({tr("Used by tokens shown"),
                    use(m_expert->expert),
                    pinLayer == layer ? use(m_pin->expert) : QString(),
                    {}});
  }
  m_expertFacts->setRows(std::move(rows));
  m_lifts->setLifts(m_facts.labels, m_pinFacts.labels);
  m_liftTitle->setVisible(!m_facts.labels.empty());
  m_liftTitle->setText(
      tr("Lift by %1, 95 % interval").arg(QString::fromStdString(m_facts.labelKey)));
  m_words->setText(facts(m_facts));
  m_words->setVisible(!m_words->text().isEmpty());
  const Item* item = document.item(trace);
  m_analyse->setVisible(m_facts.isEmpty() && item && item->trace);
  m_analyse->setEnabled(!m_analysing);
  if (item)
    m_analyse->setText(m_analysing ? tr("Analysing “%1”…").arg(item->name)
                                   : tr("Analyse “%1”").arg(item->name));
}

QString Inspector::facts(const ExpertFacts& facts) const {
  QStringList lines;
  if (!facts.tokens.empty()) {
    QStringList tokens;
    for (std::size_t i = 0; i < std::min<std::size_t>(6, facts.tokens.size()); ++i)
      tokens << tr("%1 %2").arg(m_player.texts().quoted(facts.tokens[i].token),
                                percent(facts.tokens[i].share));
    lines << tr("Top tokens: %1").arg(tokens.join(", "));
  }
  if (!facts.partners.empty()) {
    QStringList partners;
    for (std::size_t i = 0; i < std::min<std::size_t>(4, facts.partners.size()); ++i)
      partners << tr("E%1 %2 (%3 tokens)")
                      .arg(facts.partners[i].expert)
                      .arg(timesText(facts.partners[i].lift), grouped(facts.partners[i].tokens));
    lines << tr("Partners: %1").arg(partners.join(", "));
  }
  return lines.join('\n');
}

void Inspector::runAnalyses() {
  const ItemKey key = m_workbench.document().current(ItemKind::Trace);
  const Item* item = m_workbench.document().item(key);
  if (!item || !item->trace || m_analysing)
    return;
  jobs::AnalyzeOptions options;
  options.trace = item->path.toStdString();
  options.with = {{"load", {}}, {"specialization", {}}, {"coactivation", {}}};
  m_analysing = true;
  ResultStore::of(m_workbench)
      .run(options, {item->trace, {}}, key, tr("Analyse %1").arg(item->name),
           tr("load, specialization, co-activation"), "inspector", this,
           [this](base::Result<std::shared_ptr<const jobs::Analysis>> analysis) {
             m_analysing = false;
             if (!analysis && analysis.error().code != base::ErrorCode::Cancelled)
               m_workbench.report({tr("The trace could not be analysed."),
                                   QString::fromStdString(analysis.error().describe()),
                                   {},
                                   {},
                                   "analyse"});
             schedule();
           });
  schedule();
}

} // namespace switchyard::studio
