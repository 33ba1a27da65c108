#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/jobs/experiment/plan.h"
#include "core/trace/result.h"

namespace switchyard::jobs::experiment {

/// One number of one cell.
struct GridNumber {
  const Cell* cell = nullptr;
  std::string result; ///< what made it: "load", "evaluate"
  std::string name, title, unit;
  trace::Cell value;
  std::optional<std::pair<double, double>> interval{};
};

/// All numbers as a table, in the order given.
trace::Table gridTable(const Experiment& experiment, const std::vector<GridNumber>& numbers);

/// One figure of each number that at least two cells have: a line over what varies where recipes
/// (or decoders) vary one number, else bars. The base is a horizontal line, or the first bar.
std::vector<trace::Figure> gridFigures(const Experiment& experiment,
                                       const std::vector<GridNumber>& numbers);

/// "load, Busiest expert: from 0.5 (k=4) to 2.1 (k=1), 8 cells."
std::vector<std::string> gridFindings(const Experiment& experiment,
                                      const std::vector<GridNumber>& numbers);

} // namespace switchyard::jobs::experiment
