// The figure of Experts: the chosen metric in the chosen order, some experts filtered out.

#include <algorithm>

#include <QComboBox>

#include "app/studio/views/expert_map.h"
#include "app/studio/views/expert_order.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/small_samples.h"

namespace switchyard::studio {

namespace {

constexpr std::int64_t kClusteredAtOnce = 1'000'000; ///< rows x columns squared; more is a job

} // namespace

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
    addCounts(spec, m_metrics);
    spec.total = load->provenance.tokens;
  }
  const QString order = m_order->currentData().toString();
  std::vector<std::vector<double>> profiles;
  if (result("specialization")) {
    addLabels(spec, m_metrics);
    if (order == "cluster")
      profiles = labelProfiles(m_metrics, m_grid);
  }
  arrange(spec, order);
  if (load && m_metric->currentData() == "load/load_experts/lift")
    addBalance(spec, *load, m_grid);
  m_panel->setHeading(
      spec.title, m_preview
                      ? tr("to within %1 tokens, exact numbers follow").arg(m_pyramid->blockRows())
                      : tr("Which experts does this text use?"));
  showSpec(std::move(spec), std::move(profiles), expertLink(m_grid));
  QString formula =
      metric.id.startsWith("load/load_experts/lift")
          ? tr("load = assignments × %1 / (tokens × k); 95 % intervals over documents")
                .arg(m_grid.experts)
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
    const bool kept = filter == "selected"
                          ? selection.contains(expert)
                          : spec.values[static_cast<std::size_t>(item)] > spec.chance.value_or(0);
    spec.filtered.push_back(kept ? 0 : 1);
  }
}

void ExpertsView::showSpec(HeatmapSpec spec, std::vector<std::vector<double>> profiles,
                           FigureLink link) {
  const int rows = static_cast<int>(m_grid.layers.size()), columns = m_grid.experts;
  const auto prepare = [rows, columns](HeatmapSpec drawn,
                                       const std::vector<std::vector<double>>& by) {
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
      [spec = std::move(spec), profiles = std::move(profiles),
       prepare](const JobContext&) -> base::Result<Prepared> { return prepare(spec, profiles); },
      [this, asked,
       link = std::move(link)](base::Result<std::shared_ptr<const Prepared>> prepared) {
        if (prepared && asked == m_drawn)
          m_panel->showHeatmap(**prepared, link);
      });
}

} // namespace switchyard::studio
