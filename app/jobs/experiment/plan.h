#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/jobs/experiment/experiment.h"
#include "app/jobs/experiment/inputs.h"

namespace switchyard::jobs::experiment {

enum class Job : std::uint8_t { Capture, Evaluate, Steer, Ablate };
std::string_view name(Job job); ///< "capture"

/// Tokens that a cell runs at most: answers may end before.
struct Cost {
  double prefill = 0;    ///< many at once
  double decode = 0;     ///< one by one
  double items = 0;      ///< texts
  bool parallel = false; ///< items run side by side
  double tokens() const { return prefill + decode; }
};

/// One job at one point of the grid. Indices are of the experiment's lists.
struct Cell {
  Job job = Job::Capture;
  std::string name;   ///< "capture/demo/domains/k=2"; unique in the plan
  std::string key;    ///< hash of `inputs`: equal keys give equal results
  std::string inputs; ///< JSON of everything that decides the result
  std::size_t model = 0;
  std::string set; ///< name of prompts or tasks
  std::size_t recipe = 0, decoder = 0;
  std::uint64_t seed = 0;
  Cost cost;
};

/// What is to be run. Immutable once made; shared by all workers.
struct Plan {
  Experiment experiment;
  Inputs inputs;
  std::vector<Cell> cells;
};

/// The grid of an experiment in order: captures, evaluations, steerings, ablations; in each models,
/// sets, recipes, decoders, seeds. Captures without `generate` are not repeated for each decoder.
/// Errors: those of readInputs; InvalidFormat for two cells that are the same; LimitExceeded above
/// kMaxCells; those of the tokenizers.
base::Result<std::shared_ptr<const Plan>> makePlan(Experiment experiment,
                                                   const plugin::Registry& registry);

inline constexpr std::size_t kMaxCells = 100'000;

/// Position of a name in a list of entries; the list holds it.
template <typename Entry>
std::size_t indexOf(const std::vector<Entry>& entries, std::string_view name) {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].name == name)
      return i;
  return entries.size();
}

/// The variant that a cell evaluates, named as in its name.
evaluate::Variant variantOf(const Plan& plan, const Cell& cell);
/// "base", "k=2", "beta=0.1", or "k=2 + beta=0.1".
std::string wayName(const Experiment& experiment, std::size_t recipe, std::size_t decoder);

} // namespace switchyard::jobs::experiment
