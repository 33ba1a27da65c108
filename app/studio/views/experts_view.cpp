#include "app/studio/views/experts_view.h"

#include <algorithm>

#include <QComboBox>
#include <QSignalBlocker>

#include "app/studio/views/small_samples.h"

namespace switchyard::studio {

ExpertsView::ExpertsView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_metric(new QComboBox), m_order(new QComboBox),
      m_filter(new QComboBox), m_panel(makePanel()) {
  m_metric->addItem(tr("load"), m_wantedMetric);
  m_metric->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_order->addItem(tr("expert id"), "id");
  m_order->addItem(tr("value, per layer"), "value");
  m_order->addItem(tr("cluster by label profile"), "cluster");
  m_order->addItem(tr("selected and pinned first"), "pinned");
  m_filter->addItem(tr("all experts"), "all");
  m_filter->addItem(tr("selected experts"), "selected");
  m_filter->addItem(tr("above chance"), "busy");
  addControl(tr("Metric"), m_metric);
  addControl(tr("Order"), m_order);
  addControl(tr("Filter"), m_filter);
  addFigureButtons();
  m_panel->setHeading(tr("Load by expert"), tr("Which experts does this text use?"));
  setContent(m_panel);
  connect(m_metric, &QComboBox::activated, this, [this] {
    m_wantedMetric = m_metric->currentData().toString();
    draw();
  });
  connect(m_order, &QComboBox::currentIndexChanged, this, &ExpertsView::draw);
  connect(m_filter, &QComboBox::currentIndexChanged, this, &ExpertsView::draw);
  Selection& selection = workbench.selection();
  const auto follow = [this] {
    if (isVisible() &&
        (m_filter->currentData() == "selected" || m_order->currentData() == "pinned"))
      draw();
  };
  connect(&selection, &Selection::expertsChanged, this, follow);
  connect(&selection, &Selection::pinChanged, this, follow);
  const auto resultsChanged = [this](int key) {
    const Item* item = this->workbench().document().item(key);
    if (isVisible() && item && item->kind == ItemKind::Result && item->source == traceKey() &&
        analysis())
      collectMetrics();
  };
  connect(&workbench.document(), &Document::itemAdded, this, resultsChanged);
  connect(&workbench.document(), &Document::itemChanged, this, resultsChanged);
}

QString ExpertsView::metric() const {
  return m_metric->currentData().toString();
}

void ExpertsView::setMetric(const QString& metricId) {
  m_wantedMetric = metricId;
  if (const int index = m_metric->findData(metricId); index >= 0) {
    m_metric->setCurrentIndex(index);
    draw();
  }
}

void ExpertsView::setOrder(const QString& order) {
  m_order->setCurrentIndex(std::max(0, m_order->findData(order)));
}

void ExpertsView::setFilter(const QString& filter) {
  m_filter->setCurrentIndex(std::max(0, m_filter->findData(filter)));
}

QStringList ExpertsView::metrics() const {
  QStringList ids;
  for (int i = 0; i < m_metric->count(); ++i)
    ids << m_metric->itemData(i).toString();
  return ids;
}

jobs::AnalyzeOptions ExpertsView::options(const Item& trace) {
  m_grid = {};
  for (const trace::LayerInfo& layer : trace.trace->meta().layers) {
    m_grid.layers.push_back(layer.layer);
    m_grid.experts = std::max(m_grid.experts, layer.experts);
  }
  jobs::AnalyzeOptions asked;
  asked.with = {{"load"}};
  m_labelKey = labelKeys().value(0);
  if (!m_labelKey.isEmpty())
    asked.with.push_back({"specialization",
                          {{"label", m_labelKey.toStdString()},
                           {"top", std::to_string(m_grid.experts)},
                           {"vocabulary", "false"}}});
  return asked;
}

void ExpertsView::collectMetrics() {
  m_metrics.clear();
  const auto add = [this](const jobs::Analysis& from) {
    for (std::size_t i = 0; i < from.ids.size(); ++i)
      for (ExpertMetric& metric : expertMetrics(from.ids[i], from.results[i], m_grid))
        if (std::ranges::find(m_metrics, metric.id, &ExpertMetric::id) == m_metrics.end())
          m_metrics.push_back(std::move(metric));
  };
  add(*analysis());
  // Results over other tokens than those filtered would not go with this figure.
  if (workbench().selection().filter().isEmpty() || !isLinked())
    for (const ItemKey key : workbench().document().resultsOf(traceKey()))
      if (const Item* item = workbench().document().item(key); item && item->analysis)
        add(*item->analysis);
  const QSignalBlocker quiet(m_metric);
  m_metric->clear();
  for (const ExpertMetric& metric : m_metrics)
    m_metric->addItem(metric.title, metric.id);
  m_metric->setCurrentIndex(std::max(0, m_metric->findData(m_wantedMetric)));
}

void ExpertsView::showAnalysis() {
  m_preview.reset();
  collectMetrics();
  draw();
  buildPyramid();
}

QString ExpertsView::caution() const {
  const Item* item = trace();
  const bool idsOnly = item && !item->trace->columns().weights && !item->trace->columns().logits;
  QStringList parts;
  if (idsOnly)
    parts << tr(
        "This trace stores ids only: no gate weights, no logits. Load and co-activation work.");
  if (analysis())
    parts << fewDocuments(analysis()->results.front().provenance.sequences,
                          workbench().selection().filter().isEmpty() ? tr("in this trace")
                                                                     : tr("in the filter"));
  parts.removeAll(QString());
  return parts.join("  ");
}

void ExpertsView::buildPyramid() {
  const Item* item = trace();
  if (!item || m_pyramidOf == item->key)
    return;
  m_pyramidOf = item->key;
  m_pyramid.reset();
  workbench().jobs().run<jobs::LoadPyramid>(
      {tr("Prepare %1 for brushing").arg(item->name), "pyramid"}, this,
      [source = item->trace](const JobContext& context) {
        return jobs::LoadPyramid::build(*source, context.threads, context.control);
      },
      [this, key = item->key](base::Result<std::shared_ptr<const jobs::LoadPyramid>> pyramid) {
        // Without it brushing waits for the exact result.
        if (pyramid && key == m_pyramidOf)
          m_pyramid = *pyramid;
      });
}

bool ExpertsView::preview(const jobs::RowFilter& rows) {
  if (!m_pyramid || !rows.range || rows.routedTo || m_pyramidOf != traceKey() ||
      metric() != "load/load_experts/lift")
    return false;
  m_preview = m_pyramid->counts(rows.range->first, rows.range->second);
  draw();
  return true;
}

void ExpertsView::saveChoices(QVariantMap& choices) const {
  choices["metric"] = m_wantedMetric;
  choices["order"] = m_order->currentData();
  choices["filter"] = m_filter->currentData();
}

void ExpertsView::restoreChoices(const QVariantMap& choices) {
  setOrder(choices.value("order").toString());
  setFilter(choices.value("filter").toString());
  setMetric(choices.value("metric", m_wantedMetric).toString());
}

} // namespace switchyard::studio
