#pragma once

#include <memory>

#include "app/jobs/compare_traces.h"
#include "app/studio/figures/chart_spec.h"
#include "app/studio/views/figure_panel.h"

namespace switchyard::studio {

/// What Compare shows of two loads.
enum class CompareValue { A, B, Difference, Ratio };

// Figures of a comparison of two traces; pure.
ChartSpec agreementChart(const jobs::TraceComparison& comparison);
/// layer, agreement with interval, same first choice, divergence of the loads; a row for each dot.
trace::Table agreementTable(const jobs::TraceComparison& comparison);
HeatmapSpec agreementByLabel(const jobs::TraceComparison& comparison);
/// normalise: loads divided by the layer's largest, so that shapes compare. A and B share one
/// scale.
HeatmapSpec loadMap(const jobs::TraceComparison& comparison, CompareValue value, bool normalise);
FigureLink loadLink(const jobs::TraceComparison& comparison);
/// The experts whose load differs most: expert, A, B, B - A, interval.
trace::Table largestChanges(const jobs::TraceComparison& comparison);
/// "|A ∩ B| / k"; resamples of documents
QString agreementFormula(const jobs::TraceComparison& comparison);

} // namespace switchyard::studio
