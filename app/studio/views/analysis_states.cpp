// What an analysis view says around its figures and in their place: the filter, notes, why there is
// nothing.

#include <algorithm>

#include <QAction>

#include "app/studio/document/numbers.h"
#include "app/studio/views/analysis_view.h"
#include "app/studio/views/header_rows.h"

namespace switchyard::studio {

void AnalysisView::updateFilterRow() {
  m_filterRow->setText(describeFilter());
}

QString AnalysisView::describeFilter() const {
  const TokenFilter& filter = workbench().selection().filter();
  if (filter.isEmpty() || !trace())
    return {};
  if (!isLinked())
    return tr("not linked");
  if (!followsFilter())
    return tr("not filtered: this view needs the whole trace");
  const qint64 all = trace()->trace->tokens();
  const bool known = m_analysis && !m_analysis->results.empty() && !m_isPreview;
  if (!known && (!filter.range || filter.routedTo))
    return tr("filtered: some of %1 tokens").arg(grouped(all));
  const qint64 kept =
      known ? m_analysis->results.front().provenance.tokens
            : std::min(filter.range->second, all) - std::min(filter.range->first, all);
  return tr("filtered: %1 of %2 tokens").arg(grouped(kept), grouped(all));
}

void AnalysisView::showNothing() {
  for (FigurePanel* panel : m_panels)
    panel->showPlaceholder(6, 32);
  m_noteRow->setNote({}, false);
  setProvenance({});
}

void AnalysisView::showNoTrace() {
  std::vector<StateAction> actions;
  QString text = tr("This view needs the routing of some text: open a trace.");
  const Item* prompts = workbench().document().currentItem(ItemKind::PromptSet);
  const Item* model = workbench().document().currentItem(ItemKind::Model);
  QAction* record = workbench().actions().action("run.record");
  if (prompts && model && record) {
    const QString size =
        prompts->detail == "1" ? tr("1 document") : tr("%1 documents").arg(prompts->detail);
    text = tr("This view needs the routing of some text: record the prompt set \"%1\" (%2) with "
              "%3, or open a trace.")
               .arg(prompts->name, size, model->name);
    actions.push_back({tr("Record \"%1\"").arg(prompts->name), [record] { record->trigger(); }});
  }
  if (QAction* open = workbench().actions().action("file.open-trace"))
    actions.push_back({tr("Open trace…"), [open] { open->trigger(); }});
  showEmpty(tr("No routing recorded yet"), text, actions);
}

void AnalysisView::showNoTokens() {
  showEmpty(
      tr("No tokens match"),
      tr("0 of %1 tokens pass the filter.").arg(grouped(trace() ? trace()->trace->tokens() : 0)),
      {{tr("Clear filter"), [this] { workbench().selection().setFilter({}); }}});
}

QString AnalysisView::filterText() const {
  return m_filterRow->text();
}

QString AnalysisView::note() const {
  return m_noteRow->text();
}

void AnalysisView::updateNote() {
  const bool partial = m_analysis && m_analysis->partial;
  QStringList parts;
  if (m_isPreview && m_analysis) {
    QStringList layers;
    for (const int layer : trace() ? previewLayers() : std::vector<int>())
      layers << QString("L%1").arg(
          trace()->trace->meta().layers[static_cast<std::size_t>(layer)].layer);
    const QString tokens = grouped(m_analysis->results.front().provenance.tokens);
    parts << (layers.isEmpty()
                  ? tr("Preview from %1 of the tokens; exact numbers follow.").arg(tokens)
                  : tr("Preview from %1 of the tokens, %2 only; exact numbers follow.")
                        .arg(tokens, layers.join(", ")));
  }
  if (partial)
    parts << tr("Partial: %1 of %2 tokens. Cancelled by you.")
                 .arg(grouped(m_analysis->results.front().provenance.tokens),
                      grouped(trace() ? trace()->trace->tokens() : 0));
  parts << caution();
  parts.removeAll(QString());
  m_noteRow->setNote(parts.join("  "), partial);
}

void AnalysisView::setFormula(const QString& formula) {
  setProvenance(formula, m_analysis ? QString::fromStdString(m_analysis->command) : QString());
}

void AnalysisView::fail(const base::Error& error) {
  if (error.code == base::ErrorCode::Cancelled) {
    showEmpty({}, tr("Cancelled by you."), {{tr("Continue"), [this] { refresh(); }}});
    return;
  }
  showEmpty(tr("%1 could not be computed").arg(title()), QString::fromStdString(error.message),
            {{tr("Try again"), [this] { refresh(); }}});
  addProblem({.title = tr("%1 could not be computed.").arg(title()),
              .text = QString::fromStdString(error.message),
              .rows = {},
              .actions = {},
              .id = id()});
}

} // namespace switchyard::studio
