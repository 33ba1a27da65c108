#include "app/studio/views/experts_view.h"

#include <algorithm>

#include <QComboBox>
#include <QSignalBlocker>

#include "app/studio/views/expert_map.h"
#include "app/studio/views/expert_order.h"
#include "app/studio/views/small_samples.h"

namespace switchyard::studio {

namespace {

constexpr std::int64_t kClusteredAtOnce = 1'000'000; ///< rows x columns squared; more is a job

} // namespace

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
    if (isVisible() && (m_filter->currentData() == "selected" || m_order->currentData() == "pinned"))
      draw();
  };
  connect(&selection, &Selection::expertsChanged, this, follow);
  connect(&selection, &Selection::pinChanged, this, follow);
  const auto resultsChanged = [this](int key) {
    const Item* item = this->workbench().document().item(key);
    if (isVisible() && item && item->kind == ItemKind::Result && item->source == traceKey() && analysis())
      collectMetrics();
  };
  connect(&workbench.document(), &Document::itemAdded, this, resultsChanged);
  connect(&workbench.document(), &Document::itemChanged, this, resultsChanged);
}

QString ExpertsView::metric() const { return m_metric->currentData().toString(); }

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
    parts << tr("This trace stores ids only: no gate weights, no logits. Load and co-activation work.");
  if (analysis())
    parts << fewDocuments(analysis()->results.front().provenance.sequences,
                          workbench().selection().filter().isEmpty() ? tr("in this trace") : tr("in the filter"));
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
  if (!m_pyramid || !rows.range || rows.routedTo || m_pyramidOf != traceKey() || metric() != "load/load_experts/lift")
    return false;
  m_preview = m_pyramid->counts(rows.range->first, rows.range->second);
  draw();
  return true;
}

void ExpertsView::draw() {
  const int index = m_metric->currentIndex();
  if (!analysis() || index < 0 || index >= static_cast<int>(m_metrics.size()))
    return;
  ExpertMetric metric = m_metrics[static_cast<std::size_t>(index)];
  if (m_preview)
    metric = withCounts(std::move(metric), *m_preview, m_grid);
  HeatmapSpec spec = expertMap(metric, m_grid);
  if (analysis()->results.front().provenance.sequences >= kFewestDocuments)
    spec.intervals = metric.intervals;
  spec.origin = trace() ? trace()->name : QString();
  const auto* load = result("load");
  if (load && m_preview) {
    spec.counts = m_preview->uses;
    spec.total = m_preview->last - m_preview->first;
  } else if (load) {
    addCounts(spec, *load, m_grid);
  }
  const QString order = m_order->currentData().toString();
  std::vector<std::vector<double>> profiles;
  if (const auto* labels = result("specialization")) {
    addLabels(spec, *labels, m_grid);
    if (order == "cluster")
      profiles = labelProfiles(*labels, m_grid);
  }
  arrange(spec, order);
  if (load && m_metric->currentData() == "load/load_experts/lift")
    addBalance(spec, *load, m_grid);
  m_panel->setHeading(spec.title, m_preview ? tr("to within %1 tokens, exact numbers follow").arg(m_pyramid->blockRows())
                                            : tr("Which experts does this text use?"));
  showSpec(std::move(spec), std::move(profiles), expertLink(m_grid));
  QString formula = metric.id.startsWith("load/load_experts/lift")
                        ? tr("load = assignments × %1 / (tokens × k); 95 % intervals over documents").arg(m_grid.experts)
                        : tr("%1 of %2").arg(metric.title, metric.id.section('/', 0, 0));
  if (order == "cluster")
    formula += tr("; dendrogram: average linkage on log₂ lift by %1").arg(m_labelKey);
  setFormula(formula);
}

void ExpertsView::arrange(HeatmapSpec& spec, const QString& order) const {
  const int rows = static_cast<int>(m_grid.layers.size()), columns = m_grid.experts;
  const Selection& selection = workbench().selection();
  if (order == "value")
    spec.order = orderByValue(spec.values, rows, columns).order;
  if (order == "pinned") {
    std::vector<std::pair<int, int>> first;
    for (const ExpertKey& expert : selection.experts())
      first.emplace_back(m_grid.row(expert.layer), expert.expert);
    if (const auto* pinned = std::get_if<ExpertKey>(&selection.pin()))
      first.emplace_back(m_grid.row(pinned->layer), pinned->expert);
    spec.order = orderPinnedFirst(rows, columns, first).order;
  }
  spec.numbers = order != "id";
  const QString filter = m_filter->currentData().toString();
  if (filter == "all")
    return;
  for (int item = 0; item < rows * columns; ++item) {
    const ExpertKey expert{m_grid.layers[static_cast<std::size_t>(item / columns)], item % columns};
    const bool kept = filter == "selected" ? selection.contains(expert)
                                           : spec.values[static_cast<std::size_t>(item)] > spec.chance.value_or(0);
    spec.filtered.push_back(kept ? 0 : 1);
  }
}

void ExpertsView::showSpec(HeatmapSpec spec, std::vector<std::vector<double>> profiles, FigureLink link) {
  const int rows = static_cast<int>(m_grid.layers.size()), columns = m_grid.experts;
  const auto prepare = [rows, columns](HeatmapSpec drawn, const std::vector<std::vector<double>>& by) {
    if (!by.empty()) {
      ExpertOrder clustered = orderByCluster(by, rows, columns);
      drawn.order = std::move(clustered.order);
      drawn.trees = std::move(clustered.trees);
    }
    return prepareHeatmap(std::move(drawn));
  };
  const quint64 asked = ++m_drawn;
  if (profiles.empty() || static_cast<std::int64_t>(rows) * columns * columns <= kClusteredAtOnce) {
    m_panel->showHeatmap(prepare(std::move(spec), profiles), std::move(link));
    return;
  }
  using Prepared = std::shared_ptr<const HeatmapData>;
  workbench().jobs().run<Prepared>(
      {tr("Cluster the experts"), "cluster"}, this,
      [spec = std::move(spec), profiles = std::move(profiles), prepare](const JobContext&) -> base::Result<Prepared> {
        return prepare(spec, profiles);
      },
      [this, asked, link = std::move(link)](base::Result<std::shared_ptr<const Prepared>> prepared) {
        if (prepared && asked == m_drawn)
          m_panel->showHeatmap(**prepared, link);
      });
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
