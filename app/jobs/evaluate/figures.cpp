#include <fmt/format.h>

#include "analyzers/statistics/moments.h"
#include "app/jobs/evaluate/tables.h"

namespace switchyard::jobs::evaluate {

namespace {

trace::Chart bars(const std::vector<Variant>& variants, std::size_t first,
                  const std::vector<Estimate>& estimates, const std::string& name,
                  const std::string& unit) {
  trace::Chart chart;
  chart.kind = trace::ChartKind::Bar;
  chart.xTitle = "variant";
  chart.yTitle = name;
  chart.yUnit = unit;
  trace::Series series;
  series.name = name;
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    chart.categories.push_back(variants[first + i].name);
    series.y.push_back(estimates[i].value);
    series.intervals.emplace_back(estimates[i].interval[0], estimates[i].interval[1]);
  }
  chart.series = {std::move(series)};
  return chart;
}

} // namespace

std::vector<trace::Figure> figuresOf(const Measured& measured, const std::vector<ItemMeans>& means,
                                     const Block& all) {
  const bool loss = measured.measure == Measure::Loss;
  const std::string what = loss ? "loss" : "accuracy";
  const std::string unit = loss ? "nats/token" : "share";
  std::vector<trace::Figure> figures;
  figures.push_back({"scores", fmt::format("{} of each variant", loss ? "Loss" : "Accuracy"),
                     fmt::format("{} items; 95 % intervals over items", all.items),
                     bars(measured.variants, 0, all.scores, what, unit)});
  if (!all.comparisons.empty()) {
    std::vector<Estimate> differences;
    for (const Comparison& c : all.comparisons)
      differences.push_back(c.score);
    trace::Chart chart = bars(measured.variants, 1, differences, what + ", variant - base", unit);
    chart.reference = 0;
    chart.referenceLabel = "no difference";
    figures.push_back({"differences", "Paired difference to the base",
                       fmt::format("{} items; percentile bootstrap over items", all.items),
                       std::move(chart)});
  }
  if (!loss && !means.front().thinking.empty()) {
    trace::Chart chart;
    chart.kind = trace::ChartKind::Bar;
    chart.xTitle = "variant";
    chart.yTitle = "generated";
    chart.yUnit = "tokens";
    trace::Series thinking{.name = "thinking", .x = {}, .y = {}, .intervals = {}, .labels = {}};
    trace::Series other{.name = "all", .x = {}, .y = {}, .intervals = {}, .labels = {}};
    for (std::size_t i = 0; i < means.size(); ++i) {
      chart.categories.push_back(measured.variants[i].name);
      thinking.y.push_back(statistics::meanOf(means[i].thinking));
      other.y.push_back(statistics::meanOf(means[i].tokens));
    }
    chart.series = {std::move(thinking), std::move(other)};
    figures.push_back({"lengths", "Tokens per answer, and of them inside <think>",
                       "means over items", std::move(chart)});
  }
  return figures;
}

} // namespace switchyard::jobs::evaluate
