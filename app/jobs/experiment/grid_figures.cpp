#include "app/jobs/experiment/grid_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/report/encoding.h"

namespace switchyard::jobs::experiment {

namespace {

using analyzers::cell;
using analyzers::report::shortNumber;
using Value = trace::Cell;

std::optional<double> numeric(const trace::Cell& value) {
  if (const auto* real = std::get_if<double>(&value))
    return std::isfinite(*real) ? std::optional(*real) : std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return static_cast<double>(*integer);
  return std::nullopt;
}

/// Numbers of the same kind, in the order of their first.
using Groups = std::vector<std::vector<const GridNumber*>>;

Groups groupsOf(const std::vector<GridNumber>& numbers) {
  Groups groups;
  std::map<std::string, std::size_t> index;
  for (const GridNumber& number : numbers) {
    if (!numeric(number.value))
      continue;
    const std::string key =
        fmt::format("{}\n{}\n{}", name(number.cell->job), number.result, number.name);
    const auto [place, fresh] = index.emplace(key, groups.size());
    if (fresh)
      groups.emplace_back();
    groups[place->second].push_back(&number);
  }
  return groups;
}

/// What tells a cell from others of the same way: only parts that vary.
std::string place(const Experiment& experiment, const Cell& cell) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (experiment.models.size() > 1)
    add(experiment.models[cell.model].name);
  const std::size_t sets = cell.job == Job::Capture    ? experiment.capture->prompts.size()
                           : cell.job == Job::Evaluate ? experiment.evaluate->tasks.size()
                                                       : 1;
  if (sets > 1)
    add(cell.set);
  if (experiment.seeds.size() > 1)
    add(fmt::format("seed {}", cell.seed));
  return text;
}

const Axis& axisOf(const Experiment& experiment, const Cell& cell) {
  return cell.recipe > 0 ? experiment.recipes[cell.recipe].axis
                         : experiment.decoders[cell.decoder].axis;
}

/// The variable that every changed cell of a group has a value of; empty if there is none, or if
/// recipes and decoders vary together.
std::string commonVariable(const Experiment& experiment,
                           const std::vector<const GridNumber*>& group) {
  std::string variable;
  for (const GridNumber* number : group) {
    const Cell& at = *number->cell;
    if (at.recipe == 0 && at.decoder == 0)
      continue;
    const Axis& axis = axisOf(experiment, at);
    if (!axis.at || (at.recipe > 0 && at.decoder > 0) ||
        (!variable.empty() && variable != axis.variable))
      return {};
    variable = axis.variable;
  }
  return variable;
}

trace::Chart lines(const Experiment& experiment, const std::vector<const GridNumber*>& group,
                   const std::string& variable) {
  trace::Chart chart;
  chart.kind = trace::ChartKind::Line;
  chart.xTitle = variable;
  std::vector<double> bases;
  for (const GridNumber* number : group) {
    const Cell& at = *number->cell;
    const double value = *numeric(number->value);
    if (at.recipe == 0 && at.decoder == 0) {
      bases.push_back(value);
      continue;
    }
    const Axis& axis = axisOf(experiment, at);
    std::string title = place(experiment, at);
    if (!axis.series.empty())
      title += (title.empty() ? "" : ", ") + axis.series;
    auto series = std::ranges::find(chart.series, title, &trace::Series::name);
    if (series == chart.series.end()) {
      trace::Series fresh;
      fresh.name = title;
      series = chart.series.insert(series, std::move(fresh));
    }
    series->x.push_back(*axis.at);
    series->y.push_back(value);
    series->intervals.push_back(number->interval.value_or(std::pair(value, value)));
  }
  const auto without = [](const GridNumber* number) { return !number->interval; };
  if (std::ranges::any_of(group, without))
    for (trace::Series& series : chart.series)
      series.intervals.clear();
  if (bases.size() == 1) {
    chart.reference = bases.front();
    chart.referenceLabel = kBase;
  }
  return chart;
}

trace::Chart bars(const Experiment& experiment, const std::vector<const GridNumber*>& group) {
  trace::Chart chart;
  chart.kind = trace::ChartKind::Bar;
  for (const GridNumber* number : group) {
    const std::string way = wayName(experiment, number->cell->recipe, number->cell->decoder);
    if (std::ranges::find(chart.categories, way) == chart.categories.end())
      chart.categories.push_back(way);
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (const GridNumber* number : group) {
    const std::string title = place(experiment, *number->cell);
    auto series = std::ranges::find(chart.series, title, &trace::Series::name);
    if (series == chart.series.end()) {
      trace::Series fresh;
      fresh.name = title;
      fresh.y.assign(chart.categories.size(), none);
      fresh.intervals.assign(chart.categories.size(), std::pair(none, none));
      series = chart.series.insert(series, std::move(fresh));
    }
    const std::string way = wayName(experiment, number->cell->recipe, number->cell->decoder);
    const auto column = static_cast<std::size_t>(std::ranges::find(chart.categories, way) -
                                                 chart.categories.begin());
    const double value = *numeric(number->value);
    series->y[column] = value;
    series->intervals[column] = number->interval.value_or(std::pair(value, value));
  }
  if (std::ranges::any_of(group, [](const GridNumber* number) { return !number->interval; }))
    for (trace::Series& series : chart.series)
      series.intervals.clear();
  return chart;
}

} // namespace

trace::Table gridTable(const Experiment& experiment, const std::vector<GridNumber>& numbers) {
  trace::Table table{.name = "grid_numbers",
                     .title = "Every number of every cell",
                     .columns = {{"cell", "", "name"},
                                 {"model", "", ""},
                                 {"set", "", "prompts or tasks"},
                                 {"recipe", "", "base: the model's own routing"},
                                 {"decoder", "", "plain: one pass a token"},
                                 {"seed", "", ""},
                                 {"result", "", "what made it"},
                                 {"number", "", "name"},
                                 {"value", "", ""},
                                 {"low", "", "end of the interval"},
                                 {"high", "", "end of the interval"},
                                 {"unit", "", ""}},
                     .rows = {}};
  for (const GridNumber& n : numbers)
    table.rows.push_back({Value(n.cell->name), Value(experiment.models[n.cell->model].name),
                          Value(n.cell->set), Value(experiment.recipes[n.cell->recipe].name),
                          Value(experiment.decoders[n.cell->decoder].name), cell(n.cell->seed),
                          Value(n.result), Value(n.name), n.value,
                          n.interval ? cell(n.interval->first) : Value(),
                          n.interval ? cell(n.interval->second) : Value(), Value(n.unit)});
  return table;
}

std::vector<trace::Figure> gridFigures(const Experiment& experiment,
                                       const std::vector<GridNumber>& numbers) {
  std::vector<trace::Figure> figures;
  for (const auto& group : groupsOf(numbers)) {
    if (group.size() < 2)
      continue;
    const GridNumber& first = *group.front();
    const std::string variable = commonVariable(experiment, group);
    trace::Chart chart =
        variable.empty() ? bars(experiment, group) : lines(experiment, group, variable);
    chart.yTitle = first.title;
    chart.yUnit = first.unit;
    std::string file = fmt::format("grid_{}_{}", first.result, first.name);
    std::ranges::replace_if(
        file, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    figures.push_back({.name = file,
                       .title = fmt::format("{} ({})", first.title, first.result),
                       .note = variable.empty()
                                   ? fmt::format("{} cells", group.size())
                                   : fmt::format("{} cells over {}", group.size(), variable),
                       .content = std::move(chart)});
  }
  return figures;
}

std::vector<std::string> gridFindings(const Experiment& experiment,
                                      const std::vector<GridNumber>& numbers) {
  std::vector<std::string> findings;
  for (const auto& group : groupsOf(numbers)) {
    if (group.size() < 2)
      continue;
    const auto value = [](const GridNumber* number) { return *numeric(number->value); };
    const GridNumber* low = *std::ranges::min_element(group, {}, value);
    const GridNumber* high = *std::ranges::max_element(group, {}, value);
    const auto where = [&](const GridNumber* number) {
      const std::string at = place(experiment, *number->cell);
      return wayName(experiment, number->cell->recipe, number->cell->decoder) +
             (at.empty() ? "" : ", " + at);
    };
    const std::string unit = low->unit.empty() ? "" : " " + low->unit;
    findings.push_back(value(low) == value(high)
                           ? fmt::format("{}, {}: {}{} in all {} cells.", low->result, low->title,
                                         shortNumber(value(low)), unit, group.size())
                           : fmt::format("{}, {}: from {} ({}) to {}{} ({}), {} cells.",
                                         low->result, low->title, shortNumber(value(low)),
                                         where(low), shortNumber(value(high)), unit, where(high),
                                         group.size()));
  }
  return findings;
}

} // namespace switchyard::jobs::experiment
