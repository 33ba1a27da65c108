#include "app/jobs/experiment/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/command_line.h"
#include "app/jobs/experiment/cost.h"
#include "app/jobs/fingerprint.h"
#include "core/base/version.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

json samplerJson(const session::SamplerOptions& s) {
  return {{"temperature", s.temperature},
          {"top-k", s.topK},
          {"top-p", s.topP},
          {"min-p", s.minP},
          {"repetition-penalty", s.repetitionPenalty}};
}

json machineJson(const trace::MachineDescription& m) {
  return {m.name,        m.devices,       m.devicesPerNode, m.fastMemory,    m.memoryBandwidth,
          m.flops,       m.loadBandwidth, m.loadLatency,    m.nodeBandwidth, m.networkBandwidth,
          m.linkLatency, m.hidden,        m.expertWidth,    m.expertBytes,   m.activationBytes};
}

/// Makes the cells of a grid and tells each by what it depends on.
class Grid {
public:
  Grid(const Experiment& experiment, const Inputs& inputs)
      : m_experiment(experiment), m_inputs(inputs), m_costs(experiment, inputs) {}

  Result<std::vector<Cell>> cells() {
    if (const auto& job = m_experiment.capture)
      SY_TRY(add(Job::Capture, job->prompts, places(m_experiment.recipes, job->recipes),
                 job->generate > 0 ? places(m_experiment.decoders, job->decoders) : Places{0}));
    if (const auto& job = m_experiment.evaluate)
      SY_TRY(add(Job::Evaluate, job->tasks, places(m_experiment.recipes, job->recipes),
                 places(m_experiment.decoders, job->decoders)));
    if (const auto& job = m_experiment.steer)
      SY_TRY(add(Job::Steer, {job->tasks}, {0}, {0}));
    if (const auto& job = m_experiment.ablate)
      SY_TRY(add(Job::Ablate, {job->prompts.empty() ? job->tasks : job->prompts}, {0}, {0}));
    return std::move(m_cells);
  }

private:
  using Places = std::vector<std::size_t>; ///< in a list of entries

  /// The first entry (base, plain) and those that are named, in the order of the list.
  template <typename Entry>
  static Places places(const std::vector<Entry>& entries, const std::vector<std::string>& names) {
    Places all = {0};
    for (std::size_t i = 1; i < entries.size(); ++i)
      if (std::ranges::find(names, entries[i].name) != names.end())
        all.push_back(i);
    return all;
  }

  Result<void> add(Job job, const std::vector<std::string>& sets, const Places& recipes,
                   const Places& decoders) {
    for (std::size_t model = 0; model < m_experiment.models.size(); ++model)
      for (const std::string& set : sets)
        for (const std::size_t recipe : recipes)
          for (const std::size_t decoder : decoders)
            for (const std::uint64_t seed : m_experiment.seeds) {
              Cell cell;
              cell.job = job;
              cell.model = model;
              cell.set = set;
              cell.recipe = recipe;
              cell.decoder = decoder;
              cell.seed = seed;
              SY_TRY(complete(cell));
              m_cells.push_back(std::move(cell));
            }
    return {};
  }

  Result<void> complete(Cell& cell) {
    if (m_cells.size() >= kMaxCells)
      return base::fail(ErrorCode::LimitExceeded,
                        fmt::format("the grid has more than {} cells", kMaxCells));
    cell.name =
        fmt::format("{}/{}/{}", name(cell.job), m_experiment.models[cell.model].name, cell.set);
    if (cell.job == Job::Capture || cell.job == Job::Evaluate)
      cell.name += "/" + wayName(m_experiment, cell.recipe, cell.decoder);
    if (m_experiment.seeds.size() > 1)
      cell.name += fmt::format("/seed-{}", cell.seed);
    if (!m_names.insert(cell.name).second)
      return base::fail(ErrorCode::InvalidFormat,
                        fmt::format("two cells are called \"{}\"; a recipe and a decoder need "
                                    "names of their own",
                                    cell.name));
    cell.inputs = inputsOf(cell).dump();
    Fingerprint fingerprint;
    fingerprint.add(cell.inputs);
    cell.key = fingerprint.hex();
    const auto [same, fresh] = m_keys.emplace(cell.key, cell.name);
    if (!fresh)
      return base::fail(ErrorCode::InvalidFormat,
                        fmt::format("cells \"{}\" and \"{}\" are the same: equal models, texts, "
                                    "recipes and decoders",
                                    same->second, cell.name));
    cell.cost = SY_TRY(m_costs.of(cell));
    return {};
  }

  json requestsJson(const std::vector<AnalysisRequest>& requests) const {
    json list = json::array();
    for (const AnalysisRequest& request : requests)
      list.push_back(m_inputs.plugins.at(requestKey(request)));
    return list;
  }

  json inputsOf(const Cell& cell) const {
    const ModelInput& model = m_inputs.models[cell.model];
    json all = {{"program", base::version()},
                {"job", name(cell.job)},
                {"model", model.hash},
                {"tokenizer", model.tokenizerHash},
                {"seed", cell.seed}};
    if (cell.recipe > 0)
      all["recipe"] = m_inputs.recipes[cell.recipe];
    if (cell.decoder > 0)
      all["decoder"] = m_inputs.decoderIds[cell.decoder];
    switch (cell.job) {
    case Job::Capture:
      all["prompts"] = m_inputs.prompts[indexOf(m_experiment.prompts, cell.set)].hash;
      all["options"] = captureOptions(cell);
      break;
    case Job::Evaluate:
      all["tasks"] = taskOptions(cell.set);
      all["options"] = evaluateOptions();
      break;
    case Job::Steer:
      all["tasks"] = taskOptions(cell.set);
      all["options"] = steerOptions();
      break;
    case Job::Ablate:
      if (m_experiment.ablate->prompts.empty())
        all["tasks"] = taskOptions(cell.set);
      else
        all["prompts"] = m_inputs.prompts[indexOf(m_experiment.prompts, cell.set)].hash;
      all["options"] = ablateOptions();
      break;
    }
    return all;
  }

  json taskOptions(const std::string& set) const {
    const std::size_t index = indexOf(m_experiment.tasks, set);
    const TaskEntry& entry = m_experiment.tasks[index];
    return {{"hash", m_inputs.tasks[index].hash},
            {"limit", entry.limit},
            {"max-tokens", entry.maxTokens}};
  }

  json captureOptions(const Cell& cell) const {
    const CaptureJob& job = *m_experiment.capture;
    json options = {{"record", trace::describe(job.columns)},
                    {"generate", job.generate},
                    {"context", job.context ? json(*job.context) : json()},
                    {"template", job.addTemplate},
                    {"with", requestsJson(job.with)},
                    {"by", job.by},
                    {"markers", job.markers},
                    {"machine", machineJson(job.machine)},
                    {"step-tokens", job.stepTokens}};
    if (job.generate > 0)
      options["sampler"] = samplerJson(job.sampler);
    if (job.comparing) {
      const std::size_t model =
          job.to.model.empty() ? cell.model : indexOf(m_experiment.models, job.to.model);
      const std::size_t recipe =
          job.to.recipe.empty() ? cell.recipe : indexOf(m_experiment.recipes, job.to.recipe);
      const std::size_t decoder =
          job.to.decoder.empty() ? cell.decoder : indexOf(m_experiment.decoders, job.to.decoder);
      options["compare"] = requestsJson(job.compare);
      options["to"] = {m_inputs.models[model].hash, m_inputs.models[model].tokenizerHash,
                       m_inputs.recipes[recipe], m_inputs.decoderIds[decoder]};
    }
    return options;
  }

  json evaluateOptions() const {
    const EvaluateJob& job = *m_experiment.evaluate;
    return {{"repeats", job.repeats},
            {"template", job.addTemplate},
            {"stop", job.stop},
            {"sampler", samplerJson(job.sampler)}};
  }

  json steerOptions() const {
    const SteerJob& job = *m_experiment.steer;
    json options = {{"identify", job.identify},
                    {"markers", job.markers},
                    {"multipliers", job.multipliers},
                    {"where", job.where},
                    {"controls", job.controls},
                    {"npmi", requestsJson({AnalysisRequest{"npmi", job.npmi}})}};
    if (!job.prompts.empty())
      options["prompts"] = m_inputs.prompts[indexOf(m_experiment.prompts, job.prompts)].hash;
    return options;
  }

  json ablateOptions() const {
    const AblateJob& job = *m_experiment.ablate;
    return {{"experts", job.experts},
            {"mode", job.mode},
            {"by", job.by},
            {"markers", job.markers},
            {"context", job.context}};
  }

  const Experiment& m_experiment;
  const Inputs& m_inputs;
  CostBook m_costs;
  std::vector<Cell> m_cells;
  std::set<std::string> m_names;
  std::map<std::string, std::string> m_keys;
};

} // namespace

std::string_view name(Job job) {
  switch (job) {
  case Job::Capture:
    return "capture";
  case Job::Evaluate:
    return "evaluate";
  case Job::Steer:
    return "steer";
  case Job::Ablate:
    return "ablate";
  }
  return "";
}

std::string wayName(const Experiment& experiment, std::size_t recipe, std::size_t decoder) {
  if (decoder == 0)
    return experiment.recipes[recipe].name;
  if (recipe == 0)
    return experiment.decoders[decoder].name;
  return experiment.recipes[recipe].name + " + " + experiment.decoders[decoder].name;
}

evaluate::Variant variantOf(const Plan& plan, const Cell& cell) {
  evaluate::Variant variant = plan.inputs.decoders[cell.decoder];
  variant.name = wayName(plan.experiment, cell.recipe, cell.decoder);
  variant.recipe = plan.experiment.recipes[cell.recipe].recipe;
  variant.given.clear();
  return variant;
}

Result<std::shared_ptr<const Plan>> makePlan(Experiment experiment,
                                             const plugin::Registry& registry) {
  auto plan = std::make_shared<Plan>();
  plan->experiment = std::move(experiment);
  plan->inputs = SY_TRY(readInputs(plan->experiment, registry));
  plan->cells = SY_TRY(Grid(plan->experiment, plan->inputs).cells());
  return std::shared_ptr<const Plan>(std::move(plan));
}

} // namespace switchyard::jobs::experiment
