#include "app/jobs/experiment/cost.h"

#include <algorithm>
#include <charconv>

namespace switchyard::jobs::experiment {

namespace {

using base::Result;

Result<double> tokensOf(const Prompt& prompt, const tokenizer::Tokenizer* tokenizer) {
  if (prompt.hasTokens || !tokenizer)
    return static_cast<double>(prompt.tokens.size());
  return static_cast<double>(SY_TRY(tokenizer->encode(prompt.text, {.addTemplate = true})).size());
}

/// How many experts a choice of `ablate` means, as far as it can be told without running.
double expertsOf(const std::string& text, const model::ModelConfig& config) {
  const double layers = static_cast<double>(std::ranges::count(config.moeLayer, true));
  const double experts = config.moe.gate.experts;
  if (text == "all")
    return layers * experts;
  if (text.starts_with("all-of-layer"))
    return experts;
  if (text.starts_with("top:")) {
    int count = 0;
    std::from_chars(text.data() + 4, text.data() + text.size(), count);
    return std::min<double>(count, layers * experts);
  }
  return static_cast<double>(std::ranges::count(text, ',')) + 1;
}

} // namespace

Result<double> CostBook::promptTokens(std::size_t model, std::size_t set) {
  const auto key = std::pair(model, set);
  if (const auto known = m_prompts.find(key); known != m_prompts.end())
    return known->second;
  double tokens = 0;
  for (const Prompt& prompt : m_inputs.prompts[set].prompts)
    tokens += SY_TRY(tokensOf(prompt, m_inputs.models[model].tokenizer.get()));
  return m_prompts[key] = tokens;
}

Result<Cost> CostBook::taskCost(std::size_t model, std::size_t set, bool decoder) {
  const auto key = std::tuple(model, set, decoder);
  if (const auto known = m_tasks.find(key); known != m_tasks.end())
    return known->second;
  const tokenizer::Tokenizer* tokenizer = m_inputs.models[model].tokenizer.get();
  Cost cost;
  cost.parallel = true;
  for (const evaluate::Task& task : m_inputs.tasks[set].tasks) {
    const double prompt = SY_TRY(tokensOf(task.prompt, tokenizer));
    cost.items += 1;
    if (evaluate::generates(task.scorer.kind)) {
      cost.prefill += prompt;
      cost.decode += static_cast<double>(m_experiment.tasks[set].maxTokens);
      continue;
    }
    // Rated texts run at once, or token by token under a decoder.
    std::vector<std::string> rated = task.choices;
    if (rated.empty() && !task.answers.empty())
      rated = {task.answers.front()};
    double scored = 0;
    for (const std::string& text : rated)
      if (tokenizer)
        scored += static_cast<double>(SY_TRY(tokenizer->encode(text, {})).size());
    const double prompts = prompt * static_cast<double>(std::max<std::size_t>(rated.size(), 1));
    if (rated.empty() && decoder) {
      cost.decode += prompt;
    } else {
      cost.prefill += prompts;
      (decoder ? cost.decode : cost.prefill) += scored;
    }
  }
  return m_tasks[key] = cost;
}

Result<Cost> CostBook::steering(const Cell& cell) {
  const SteerJob& job = *m_experiment.steer;
  const std::size_t set = indexOf(m_experiment.tasks, cell.set);
  const Cost tasks = SY_TRY(taskCost(cell.model, set, false));
  const auto identified = static_cast<double>(job.identify);
  const double variants =
      1 + static_cast<double>(job.multipliers.size()) * (1 + static_cast<double>(job.controls));
  Cost cost;
  cost.parallel = true;
  cost.items = tasks.items * variants;
  cost.prefill = tasks.prefill * variants;
  cost.decode =
      tasks.decode * variants + identified * static_cast<double>(m_experiment.tasks[set].maxTokens);
  return cost;
}

Result<Cost> CostBook::ablation(const Cell& cell) {
  const AblateJob& job = *m_experiment.ablate;
  const double runs = 1 + expertsOf(job.experts, m_inputs.models[cell.model].config);
  Cost cost;
  if (job.prompts.empty()) {
    cost = SY_TRY(taskCost(cell.model, indexOf(m_experiment.tasks, cell.set), false));
    cost.prefill *= runs;
    cost.decode *= runs;
    cost.items *= runs;
    return cost;
  }
  cost.prefill = runs * SY_TRY(promptTokens(cell.model, indexOf(m_experiment.prompts, cell.set)));
  return cost;
}

Result<Cost> CostBook::of(const Cell& cell) {
  switch (cell.job) {
  case Job::Capture: {
    const std::size_t set = indexOf(m_experiment.prompts, cell.set);
    Cost cost;
    cost.prefill = SY_TRY(promptTokens(cell.model, set));
    cost.items = static_cast<double>(m_inputs.prompts[set].prompts.size());
    cost.decode = cost.items * static_cast<double>(m_experiment.capture->generate);
    return cost;
  }
  case Job::Evaluate: {
    Cost cost =
        SY_TRY(taskCost(cell.model, indexOf(m_experiment.tasks, cell.set), cell.decoder > 0));
    const auto repeats = static_cast<double>(m_experiment.evaluate->repeats);
    cost.prefill *= repeats;
    cost.decode *= repeats;
    cost.items *= repeats;
    return cost;
  }
  case Job::Steer:
    return steering(cell);
  case Job::Ablate:
    return ablation(cell);
  }
  return Cost();
}

} // namespace switchyard::jobs::experiment
