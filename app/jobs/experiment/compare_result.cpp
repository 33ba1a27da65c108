#include "app/jobs/experiment/compare_result.h"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/common/cells.h"

namespace switchyard::jobs::experiment {

namespace {

using analyzers::cell;
using trace::Cell;

Cell known(double value) {
  return std::isfinite(value) ? cell(value) : Cell();
}

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
                  {"agreement", "share", "of the first choices, those that both made"},
                  {"low", "share", "bootstrap over documents"},
                  {"high", "share", "bootstrap over documents"},
                  {"first_choice", "share", "tokens whose first expert is the same"},
                  {"load_divergence", "bits", "Jensen-Shannon, of the layer's loads"}},
      .rows = {}};
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    const Estimate& a = c.agreement[l];
    const double low = a.interval ? a.interval->first : analyzers::kNoData;
    const double high = a.interval ? a.interval->second : analyzers::kNoData;
    table.rows.push_back({cell(c.layers[l].layer), known(a.value), known(low), known(high),
                          known(c.firstChoice[l]), known(c.jsDivergence[l])});
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
    const std::vector<double> layers(c.byLabel.begin() + static_cast<std::ptrdiff_t>(first),
                                     c.byLabel.begin() +
                                         static_cast<std::ptrdiff_t>(first + c.layers.size()));
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
  agreement.name = fmt::format("first {} choices", c.at);
  first.name = "first choice";
  bool intervals = !c.layers.empty();
  for (std::size_t l = 0; l < c.layers.size(); ++l) {
    agreement.x.push_back(c.layers[l].layer);
    first.x.push_back(c.layers[l].layer);
    agreement.y.push_back(c.agreement[l].value);
    first.y.push_back(c.firstChoice[l]);
    intervals = intervals && c.agreement[l].interval.has_value();
    agreement.intervals.push_back(
        c.agreement[l].interval.value_or(std::pair(c.agreement[l].value, c.agreement[l].value)));
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
  result.headlines = {{"agreement", "First choices that both routings made", known(c.overall.value),
                       "share", c.overall.interval, 0.95,
                       fmt::format("of the first {} of each, as many as both select; mean over "
                                   "layers",
                                   c.at)},
                      {"first_choice",
                       "Tokens whose first expert is the same",
                       known(meanOf(c.firstChoice)),
                       "share",
                       {},
                       0.95,
                       "mean over layers"}};
  if (c.aligned < c.documents)
    result.warnings.push_back(fmt::format(
        "{} of {} documents have the same tokens in both traces; the others are left out",
        c.aligned, c.documents));
  if (c.aligned < 5)
    result.warnings.push_back(
        fmt::format("not enough data: {} documents, 5 needed for intervals", c.aligned));
  result.provenance = {.analyzer = "compare",
                       .version = "1",
                       .formula =
                           fmt::format("|first m of A and first m of B| / m, m = {}, mean over "
                                       "tokens, then over layers (arXiv:2409.02060, eq. 5); "
                                       "percentile bootstrap over documents",
                                       c.at),
                       .filter = "tokens that both traces have",
                       .sequences = c.aligned,
                       .tokens = c.alignedTokens,
                       .options = {{"label", label}, {"resamples", fmt::to_string(resamples)}}};
  return result;
}

} // namespace switchyard::jobs::experiment
