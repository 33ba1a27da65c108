#pragma once

#include <map>
#include <tuple>
#include <utility>

#include "app/jobs/experiment/plan.h"

namespace switchyard::jobs::experiment {

/// Counts the tokens of sets under the tokenizers of models, each pair once.
class CostBook {
public:
  CostBook(const Experiment& experiment, const Inputs& inputs)
      : m_experiment(experiment), m_inputs(inputs) {}

  /// Errors: the tokenizer's.
  base::Result<Cost> of(const Cell& cell);

private:
  base::Result<double> promptTokens(std::size_t model, std::size_t set);
  base::Result<Cost> taskCost(std::size_t model, std::size_t set, bool decoder);
  base::Result<Cost> steering(const Cell& cell);
  base::Result<Cost> ablation(const Cell& cell);

  const Experiment& m_experiment;
  const Inputs& m_inputs;
  std::map<std::pair<std::size_t, std::size_t>, double> m_prompts;
  std::map<std::tuple<std::size_t, std::size_t, bool>, Cost> m_tasks;
};

} // namespace switchyard::jobs::experiment
