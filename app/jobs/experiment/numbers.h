#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/jobs/analyze.h"

namespace switchyard::jobs::experiment {

/// One value of results, with its place: a headline number, a cell of a table, a figure (as a
/// digest), an answer.
struct Number {
  std::string group; ///< "capture/demo/domains/k=2: load: load_layers.cv"
  std::string row;   ///< "3 (layer 3)"; empty for what has no rows
  std::string value; ///< text; of a number the shortest that reads back the same
};

/// All values of an analysis, in order. `cell`: name of the experiment's cell; empty: none.
std::vector<Number> numbersOf(const std::string& cell, const Analysis& analysis);

/// All values of results: a results file (the summary, then each cell), FILE:CELL of one, a folder
/// of `results export`, or what readAnalysis() reads. Errors: those of reading.
base::Result<std::vector<Number>> readNumbers(const std::filesystem::path& path);

struct NumberChange {
  std::string place; ///< group and row
  std::string a, b;
  std::optional<double> by; ///< b - a, of numbers
};

struct NumberDiff {
  std::int64_t same = 0;
  std::vector<NumberChange> changed;     ///< in the order of a
  std::vector<std::string> onlyA, onlyB; ///< places
  bool equal() const { return changed.empty() && onlyA.empty() && onlyB.empty(); }
};
/// Values are paired by place.
NumberDiff diffNumbers(const std::vector<Number>& a, const std::vector<Number>& b);

/// One digest for the values of each group: what a report carries of its numbers. A headline number
/// stays as it is.
std::vector<Number> digests(const std::vector<Number>& numbers);

} // namespace switchyard::jobs::experiment
