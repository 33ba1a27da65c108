#include "app/jobs/steer/curve.h"

#include <cmath>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/statistics/moments.h"

namespace switchyard::jobs::steer {

namespace {

using analyzers::cell;
using base::Result;
using evaluate::Comparison;
using evaluate::Estimate;
using evaluate::ItemMeans;
using trace::Cell;

/// What was measured at one multiplier.
struct Point {
  double multiplier = 1;
  ItemMeans steered, controls; ///< controls: mean over the sets, item by item
  Estimate steeredScore, controlScore;
  Comparison steeredToBase, controlsToBase, steeredToControls;
};

Result<std::vector<Point>> measure(const std::vector<ItemMeans>& means,
                                   const std::vector<Step>& steps,
                                   const evaluate::TestOptions& tests) {
  std::vector<Point> points;
  std::vector<Comparison> toBase;
  std::vector<Comparison> toControls;
  for (const Step& step : steps) {
    Point point;
    point.multiplier = step.multiplier;
    point.steered = means[step.steered];
    std::vector<ItemMeans> controls;
    for (const std::size_t control : step.controls)
      controls.push_back(means[control]);
    point.controls = evaluate::meanOf(controls);
    point.steeredScore = SY_TRY(evaluate::meanEstimate(point.steered.score, tests));
    point.controlScore = SY_TRY(evaluate::meanEstimate(point.controls.score, tests));
    point.controlsToBase = SY_TRY(evaluate::compare(means.front(), point.controls, tests));
    toBase.push_back(SY_TRY(evaluate::compare(means.front(), point.steered, tests)));
    toControls.push_back(SY_TRY(evaluate::compare(point.controls, point.steered, tests)));
    points.push_back(std::move(point));
  }
  SY_TRY(evaluate::adjust(toBase));
  SY_TRY(evaluate::adjust(toControls));
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].steeredToBase = std::move(toBase[i]);
    points[i].steeredToControls = std::move(toControls[i]);
  }
  return points;
}

std::vector<Cell> estimateCells(const Estimate& estimate) {
  return {cell(estimate.value), cell(estimate.interval[0]), cell(estimate.interval[1])};
}

void append(std::vector<Cell>& row, std::vector<Cell> cells) {
  row.insert(row.end(), cells.begin(), cells.end());
}

Cell meanCell(const std::vector<double>& values) {
  return values.empty() ? Cell() : Cell(statistics::meanOf(values));
}

trace::Table curveTable(const std::vector<Point>& points, const std::string& unit) {
  trace::Table table{.name = "curve",
                     .title = "Steered experts and matched random controls over the multiplier",
                     .columns = {{"multiplier", "times", "of the gate weight"},
                                 {"experts", "", "nPMI, or the mean of the control sets"},
                                 {"score", unit, "accuracy (or loss)"},
                                 {"low", unit, "end of the interval"},
                                 {"high", unit, "end of the interval"},
                                 {"difference", unit, "to the base"},
                                 {"difference_low", unit, "bootstrap over items"},
                                 {"difference_high", unit, "bootstrap over items"},
                                 {"p", "", "of no difference to the base, two-sided"},
                                 {"tokens", "tokens", "per answer"},
                                 {"thinking", "tokens", "of them inside <think>"},
                                 {"unfinished", "share", "cut off by a length limit"}},
                     .rows = {}};
  for (const Point& point : points)
    for (const bool steered : {true, false}) {
      const ItemMeans& means = steered ? point.steered : point.controls;
      const Comparison& c = steered ? point.steeredToBase : point.controlsToBase;
      std::vector<Cell> row = {cell(point.multiplier), Cell(steered ? "nPMI" : "controls")};
      append(row, estimateCells(steered ? point.steeredScore : point.controlScore));
      append(row, estimateCells(c.score));
      append(row, {cell(c.p), meanCell(means.tokens), meanCell(means.thinking),
                   meanCell(means.unfinished)});
      table.rows.push_back(std::move(row));
    }
  return table;
}

trace::Table contrastTable(const std::vector<Point>& points, const std::string& unit) {
  trace::Table table{.name = "against_controls",
                     .title = "Steered experts against the mean of their controls",
                     .columns = {{"multiplier", "times", "of the gate weight"},
                                 {"difference", unit, "steered - controls, mean over items"},
                                 {"low", unit, "bootstrap over items"},
                                 {"high", unit, "bootstrap over items"},
                                 {"p", "", "sign flips, two-sided"},
                                 {"p_adjusted", "", "Benjamini-Hochberg over the multipliers"},
                                 {"thinking_difference", "tokens", "steered - controls"},
                                 {"thinking_low", "tokens", "bootstrap over items"},
                                 {"thinking_high", "tokens", "bootstrap over items"}},
                     .rows = {}};
  for (const Point& point : points) {
    const Comparison& c = point.steeredToControls;
    std::vector<Cell> row = {cell(point.multiplier)};
    append(row, estimateCells(c.score));
    append(row, {cell(c.p), cell(c.adjusted)});
    if (c.thinking)
      append(row, estimateCells(*c.thinking));
    row.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

trace::Table expertTable(const std::vector<SteeredExpert>& experts) {
  trace::Table table{
      .name = "experts",
      .title = "Experts that were steered, and their random controls",
      .columns = {{"rank", "", "by composite nPMI"},
                  {"layer", "", "position in the stack"},
                  {"expert", "", "routed expert"},
                  {"score", "", "composite nPMI"},
                  {"uses", "tokens", "that selected it in the trace"},
                  {"controls", "", "experts of the same layer, one per control set"}},
      .rows = {}};
  for (std::size_t i = 0; i < experts.size(); ++i) {
    const SteeredExpert& e = experts[i];
    std::string controls;
    for (const std::string& control : e.controls)
      controls += (controls.empty() ? "" : " ") + control;
    table.rows.push_back({cell(static_cast<std::int64_t>(i + 1)), Cell(e.layer), Cell(e.expert),
                          cell(e.score), cell(e.uses), Cell(controls)});
  }
  return table;
}

/// A line that starts at the base (multiplier 1).
trace::Series line(const std::string& name, const std::vector<Point>& points, const Estimate& base,
                   const std::function<Estimate(const Point&)>& value) {
  trace::Series series{.name = name, .x = {0}, .y = {base.value}, .intervals = {}, .labels = {}};
  series.intervals.emplace_back(base.interval[0], base.interval[1]);
  for (const Point& point : points) {
    const Estimate estimate = value(point);
    series.x.push_back(std::log2(point.multiplier));
    series.y.push_back(estimate.value);
    series.intervals.emplace_back(estimate.interval[0], estimate.interval[1]);
  }
  return series;
}

trace::Figure figure(const std::string& name, const std::string& title, const std::string& yTitle,
                     const std::string& unit, std::vector<trace::Series> series, double base,
                     std::size_t items) {
  trace::Chart chart;
  chart.kind = trace::ChartKind::Line;
  chart.xTitle = "log2 of the multiplier";
  chart.yTitle = yTitle;
  chart.yUnit = unit;
  chart.series = std::move(series);
  chart.reference = base;
  chart.referenceLabel = "base";
  return {name, title, fmt::format("{} items; intervals over items", items), std::move(chart)};
}

Result<std::vector<trace::Figure>> figures(const std::vector<ItemMeans>& means,
                                           const std::vector<Point>& points,
                                           const evaluate::TestOptions& tests, bool loss) {
  const Estimate base = SY_TRY(evaluate::meanEstimate(means.front().score, tests));
  const std::size_t items = means.front().score.size();
  std::vector<trace::Figure> list;
  list.push_back(
      figure("curve", loss ? "Loss over the multiplier" : "Accuracy over the multiplier",
             loss ? "loss" : "accuracy", loss ? "nats/token" : "share",
             {line("nPMI experts", points, base, [](const Point& p) { return p.steeredScore; }),
              line("random controls", points, base, [](const Point& p) { return p.controlScore; })},
             base.value, items));
  if (means.front().thinking.empty())
    return list;
  const Estimate thinking = SY_TRY(evaluate::meanEstimate(means.front().thinking, tests));
  std::vector<std::pair<Estimate, Estimate>> lengths;
  for (const Point& point : points)
    lengths.emplace_back(SY_TRY(evaluate::meanEstimate(point.steered.thinking, tests)),
                         SY_TRY(evaluate::meanEstimate(point.controls.thinking, tests)));
  std::size_t at = 0;
  trace::Series steered =
      line("nPMI experts", points, thinking, [&](const Point&) { return lengths[at++].first; });
  at = 0;
  trace::Series controls =
      line("random controls", points, thinking, [&](const Point&) { return lengths[at++].second; });
  list.push_back(figure("thinking", "Thinking over the multiplier", "inside <think>", "tokens",
                        {std::move(steered), std::move(controls)}, thinking.value, items));
  return list;
}

std::string finding(const Point& point, double alpha, bool loss) {
  const Comparison& c = point.steeredToControls;
  const auto say = [&](double value) {
    return loss ? fmt::format("{:+.4f} nats/token", value)
                : fmt::format("{:+.1f} points", 100 * value);
  };
  return fmt::format("Multiplier {:g}: {} to the base, {} to the random controls (interval {} to "
                     "{}, p = {:.3g}, {:.3g} after correction): {}.",
                     point.multiplier, say(point.steeredToBase.score.value), say(c.score.value),
                     say(c.score.interval[0]), say(c.score.interval[1]), c.p, c.adjusted,
                     c.adjusted <= alpha ? "these experts differ from others used as often"
                                         : "no difference to other experts shown");
}

} // namespace

Result<trace::AnalysisResult> describeCurve(const evaluate::Measured& measured,
                                            const std::vector<Step>& steps,
                                            const std::vector<SteeredExpert>& experts,
                                            const evaluate::TestOptions& tests, double alpha) {
  const bool loss = measured.measure == evaluate::Measure::Loss;
  const std::string unit = loss ? "nats/token" : "share";
  const std::vector<ItemMeans> means = evaluate::meansOf(measured);
  const std::vector<Point> points = SY_TRY(measure(means, steps, tests));
  trace::AnalysisResult result;
  result.tables = {curveTable(points, unit), contrastTable(points, unit), expertTable(experts)};
  result.figures = SY_TRY(figures(means, points, tests, loss));
  for (const Point& point : points)
    result.findings.push_back(finding(point, alpha, loss));
  const Estimate base = SY_TRY(evaluate::meanEstimate(means.front().score, tests));
  result.headlines = {{"base", loss ? "Loss of the base" : "Accuracy of the base", cell(base.value),
                       unit, std::pair(base.interval[0], base.interval[1]), tests.level,
                       fmt::format("{} items", means.front().score.size())}};
  result.provenance.analyzer = "steer";
  result.provenance.formula =
      "gate weights of the experts that nPMI ranks first, multiplied where they are selected "
      "(arXiv:2505.14681), against random experts of the same layer and like load";
  return result;
}

} // namespace switchyard::jobs::steer
