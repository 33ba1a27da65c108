#pragma once

#include <span>
#include <vector>

#include "app/jobs/load_pyramid.h"
#include "app/studio/views/expert_metrics.h"
#include "app/studio/views/figure_panel.h"

namespace switchyard::studio {

// The heatmap of Experts from its results, layers by experts; pure.

/// Values, legend and names of a metric.
HeatmapSpec expertMap(const ExpertMetric& metric, const ExpertGrid& grid);
/// The load (a value for each expert) as these counts have it; experts that the metric does not
/// know stay so.
ExpertMetric withCounts(ExpertMetric load, const jobs::LoadPyramid::Counts& counts,
                        const ExpertGrid& grid);
/// How often each expert was chosen, if these metrics are of a load result.
void addCounts(HeatmapSpec& spec, std::span<const ExpertMetric> metrics);
/// Beside each layer: the CV and MaxVio of a load result.
void addBalance(HeatmapSpec& spec, const trace::AnalysisResult& load, const ExpertGrid& grid);
/// Under each expert: the group of the label that it is chosen for most, if these metrics are of a
/// specialization result.
void addLabels(HeatmapSpec& spec, std::span<const ExpertMetric> metrics);
/// What experts are clustered by: [experts * labels] log2 of the lift, for each layer; empty
/// without labels.
std::vector<std::vector<double>> labelProfiles(std::span<const ExpertMetric> metrics,
                                               const ExpertGrid& grid);
FigureLink expertLink(const ExpertGrid& grid);

} // namespace switchyard::studio
