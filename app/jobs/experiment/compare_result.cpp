#include "app/jobs/experiment/compare_result.h"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/common/cells.h"

namespace switchyard::jobs::experiment {

namespace {

using analyzers::cell;
using trace::Cell;

Cell known(double value) { return std::isfinite(value) ? cell(value) : Cell(); }

double meanOf(const std::vector<double>& values) {
  return values.empty() ? analyzers::kNoData
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

trace::Table layerTable(const TraceComparison& c) {
  trace::Table table{
      .name = "compare_layers",
      .title = "Each layer",
      .columns = {{"layer", "", "of the stack"},
                  {"agreement", "share", "experts that both selected, of the larger selection"},
                  {"low", "share", "bootstrap over documents"},
                  {"high", "share", "bootstrap over documents"},
                  {"possible", "share", "the most that selections of these sizes can agree"},
                  {"of_possible", "share", "agreement / possible: of the smaller selection"},
                  {"first_choice", "share", "tokens whose first expert is the same"},
                  {"load_divergence", "bits", "Jensen-Shannon, of the layer's loads"}},
      .rows = {}};
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    const Estimate& a = c.agreement[l];
    table.rows.push_back({cell(c.layers[l].layer), known(a.value),
                          a.interval ? cell(a.interval->first) : Cell(),
                          a.interval ? cell(a.interval->second) : Cell(), known(c.possible[l]),
                          known(a.value / c.possible[l]), known(c.firstChoice[l]),
                          known(c.jsDivergence[l])});
  }
  return table;
}

trace::Table labelTable(const TraceComparison& c, const std::string& label) {
  trace::Table table{.name = "compare_labels",
                     .title = "Each " + label,
                     .columns = {{"value", "", "of the label"},
                                 {"documents", "documents", "with it"},
                                 {"agreement", "share", "mean over layers"}},
                     .rows = {}};
  for (std::size_t i = 0; i < c.labels.size(); ++i) {
    const std::size_t first = i * c.layers.size();
    const std::vector<double> layers(
        c.byLabel.begin() + static_cast<std::ptrdiff_t>(first),
        c.byLabel.begin() + static_cast<std::ptrdiff_t>(first + c.layers.size()));
    table.rows.push_back({Cell(c.labels[i]), cell(c.labelDocuments[i]), known(meanOf(layers))});
  }
  return table;
}

trace::Figure depthFigure(const TraceComparison& c) {
  trace::Chart chart;
  chart.kind = trace::ChartKind::Line;
  chart.xTitle = "layer";
  chart.yTitle = "share";
  trace::Series agreement, first;
  agreement.name = "selected experts";
  first.name = "first choice";
  bool intervals = !c.layers.empty();
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    agreement.x.push_back(c.layers[l].layer);
    first.x.push_back(c.layers[l].layer);
    agreement.y.push_back(c.agreement[l].value);
    first.y.push_back(c.firstChoice[l]);
    intervals = intervals && c.agreement[l].interval.has_value();
    agreement.intervals.push_back(c.agreement[l].interval.value_or(
        std::pair(c.agreement[l].value, c.agreement[l].value)));
  }
  if (!intervals)
    agreement.intervals.clear();
  chart.series = {std::move(agreement), std::move(first)};
  return {.name = "compare_depth",
          .title = "Agreement of the two routings over depth",
          .note = "same tokens; intervals over documents",
          .content = std::move(chart)};
}

} // namespace

trace::AnalysisResult compareResult(const TraceComparison& c, const std::string& label,
                                    std::int64_t resamples) {
  trace::AnalysisResult result;
  result.tables = {layerTable(c)};
  if (!c.labels.empty())
    result.tables.push_back(labelTable(c, label));
  result.figures = {depthFigure(c)};
  const double possible = meanOf(c.possible);
  result.headlines = {{"agreement", "Selected experts that both routings selected",
                       known(c.overall.value), "share", c.overall.interval, 0.95,
                       fmt::format("of the larger selection, mean over layers; selections of these "
                                   "sizes can agree on {:.3f}",
                                   possible)},
                      {"of_possible", "Experts of the smaller selection that are in the larger",
                       known(c.overall.value / possible), "share", {}, 0.95, "mean over layers"},
                      {"first_choice", "Tokens whose first expert is the same",
                       known(meanOf(c.firstChoice)), "share", {}, 0.95, "mean over layers"}};
  if (c.aligned < c.documents)
    result.warnings.push_back(fmt::format(
        "{} of {} documents have the same tokens in both traces; the others are left out",
        c.aligned, c.documents));
  if (c.aligned < 5)
    result.warnings.push_back(
        fmt::format("not enough data: {} documents, 5 needed for intervals", c.aligned));
  result.provenance = {.analyzer = "compare",
                       .version = "1",
                       .formula = "|A and B| / max(|A|, |B|), mean over tokens, then over layers "
                                  "(arXiv:2409.02060, eq. 5, where both select k); percentile "
                                  "bootstrap over documents",
                       .filter = "tokens that both traces have",
                       .sequences = c.aligned,
                       .tokens = c.alignedTokens,
                       .options = {{"label", label}, {"resamples", fmt::to_string(resamples)}}};
  return result;
}

} // namespace switchyard::jobs::experiment
