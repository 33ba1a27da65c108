#include "app/jobs/ablate/ablate.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/ablate/measure.h"
#include "app/jobs/command_line.h"
#include "app/jobs/fingerprint.h"
#include "app/jobs/markers.h"
#include "app/jobs/recipes.h"
#include "core/routing/policies/choosing.h"
#include "core/trace/live_feed.h"
#include "core/trace/reader.h"

namespace switchyard::jobs::ablate {

namespace {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

/// What is run: documents, or the prompts of items.
struct Input {
  std::vector<Prompt> prompts;
  std::vector<evaluate::Task> tasks; ///< of a task file
  bool accuracy = false;
  std::string hash;
};

Result<Input> readInput(const AblateOptions& options) {
  if (options.texts.empty() == options.tasks.empty())
    return base::fail(ErrorCode::InvalidArgument, "give --text or --tasks, one of the two");
  Input input;
  std::string label, value;
  if (!options.only.empty())
    std::tie(label, value) = SY_TRY(evaluate::parseLabel(options.only));
  if (!options.tasks.empty()) {
    evaluate::TaskFilter filter{
        .label = label, .value = value, .skip = options.skip, .limit = options.limit};
    if (!options.scorer.empty())
      filter.scorer = SY_TRY(evaluate::parseScorer(std::string_view(options.scorer)));
    evaluate::TaskSet set =
        SY_TRY(evaluate::readTasks(options.tasks, filter, chatRenderer(options.model)));
    input.accuracy = set.measure == evaluate::Measure::Accuracy;
    input.hash = set.hash;
    input.tasks = std::move(set.tasks);
    for (const evaluate::Task& task : input.tasks)
      input.prompts.push_back(task.prompt);
    return input;
  }
  PromptSet set = SY_TRY(readAllPrompts(options.texts, chatRenderer(options.model)));
  // The limit alone is not part of the hash: the number of units tells it (see identityOf).
  SY_TRY(filterPrompts(set, {.label = label, .value = value, .skip = options.skip},
                       {.file = options.texts.front()}));
  input.prompts = std::move(set.prompts);
  input.hash = std::move(set.hash);
  if (options.limit > 0 && input.prompts.size() > options.limit)
    input.prompts.resize(options.limit);
  return input;
}

std::string commandLine(const AblateOptions& options) {
  std::string line = fmt::format("switchyard ablate {}", shellQuoted(options.model.string()));
  for (const std::string& text : options.texts)
    line += " --text " + shellQuoted(text);
  if (!options.tasks.empty())
    line += fmt::format(" --tasks {} --max-tokens {}", shellQuoted(options.tasks.string()),
                        options.maxTokens);
  if (!options.scorer.empty())
    line += " --scorer " + shellQuoted(options.scorer);
  if (!options.only.empty())
    line += " --only " + shellQuoted(options.only);
  if (options.skip > 0)
    line += fmt::format(" --skip {}", options.skip);
  if (options.limit > 0)
    line += fmt::format(" --limit {}", options.limit);
  line += fmt::format(" --experts {} --mode {}", shellQuoted(options.experts), options.mode);
  if (!options.trace.empty())
    line += " --trace " + shellQuoted(options.trace.string());
  if (!options.by.empty())
    line += " --by " + shellQuoted(options.by);
  for (const std::string& marker : options.markers)
    line += " --marker " + shellQuoted(marker);
  if (options.context > 0)
    line += fmt::format(" --context {}", options.context);
  if (!options.addTemplate)
    line += " --no-template";
  return line + fmt::format(" --seed {}", options.seed);
}

/// What a measurement depends on.
Result<std::string> identityOf(const AblateOptions& options, const Input& input,
                               std::int64_t context) {
  return json{{"model", SY_TRY(fingerprintModel(options.model))},
              {"input", input.hash},
              {"units", input.prompts.size()},
              {"mode", options.mode},
              {"context", context},
              {"max-tokens", input.tasks.empty() ? json() : json(options.maxTokens)},
              {"template", options.addTemplate}}
      .dump();
}

Result<Store> openStore(const AblateOptions& options, const std::string& identity) {
  if (options.out.empty())
    return Store::open({}, identity, true);
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error)
    return base::fail(ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = options.out.string()});
  const std::filesystem::path record = options.out / kRecord;
  if (std::filesystem::exists(record, error) && !options.resume && !options.overwrite)
    return base::fail(ErrorCode::InvalidArgument,
                      "an ablation is here; continue it with --resume, or replace it with "
                      "--overwrite",
                      {.file = record.string()});
  return Store::open(record, identity, options.overwrite);
}

std::vector<trace::LayerInfo> layersOf(const model::Model& model) {
  std::vector<trace::LayerInfo> layers;
  for (const routing::LayerFacts& layer : model.layerFacts())
    layers.push_back({layer.layer.value, layer.experts, layer.k});
  return layers;
}

/// The policy that takes one expert away: the router plugin `mask`.
Result<std::unique_ptr<routing::Policy>> without(const ExpertId& id, const std::string& mode,
                                                 plugin::Registry& registry) {
  routing::RecipeStep step;
  step.plugin = "org.switchyard.mask";
  step.options =
      json{{"experts", {fmt::format("{}:{}", id.layer, id.expert)}}, {"mode", mode}}.dump();
  step.scope.layers = {id.layer};
  routing::Recipe recipe;
  recipe.steps.push_back(std::move(step));
  return makePolicy(recipe, &registry, nullptr);
}

/// A whole ablation, step by step.
class Ablation {
public:
  Ablation(const AblateOptions& options, plugin::Registry& registry,
           const base::ThreadContext& threads, const base::RunControl& control)
      : m_options(options), m_registry(registry), m_threads(threads), m_control(control) {}

  Result<Analysis> run() {
    constexpr std::array<std::string_view, 3> kModes = {"zero", "zero-renorm", "route-around"};
    if (std::ranges::find(kModes, m_options.mode) == kModes.end())
      return base::fail(
          ErrorCode::InvalidArgument,
          fmt::format("--mode {}: there are zero, zero-renorm and route-around", m_options.mode));
    m_input = SY_TRY(readInput(m_options));
    SY_TRY(load());
    SY_TRY(measureBase());
    const std::vector<ExpertId> experts =
        SY_TRY(chooseExperts(m_options.experts, layersOf(*m_model), m_affinities.value()));
    SY_TRY(measureExperts(experts));
    return conclude(experts);
  }

private:
  Result<void> load() {
    const model::ModelConfig config = SY_TRY(model::readConfig(m_options.model));
    m_context = m_options.context > 0 ? m_options.context : config.maxPositions;
    if (m_context < 2 || m_context > config.maxPositions)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("--context {} is outside 2..{}, the model's positions",
                                    m_context, config.maxPositions));
    // Markers are text, so nPMI needs a tokenizer even where the texts do not.
    if (auto tokenizer = loadTokenizer(m_options.model))
      m_tokenizer = std::move(*tokenizer);
    else if (tokenizer.error().code != ErrorCode::NotFound || !m_options.markers.empty())
      return tl::unexpected<base::Error>(std::move(tokenizer).error());
    const tokenizer::Tokenizer* tokenizer = m_tokenizer ? &*m_tokenizer : nullptr;
    m_windows = SY_TRY(makeWindows(m_input.prompts, tokenizer, m_options.addTemplate, m_context));
    m_store = SY_TRY(openStore(m_options, SY_TRY(identityOf(m_options, m_input, m_context))));
    std::vector<analyzers::Marker> markers;
    if (tokenizer)
      markers = SY_TRY(readMarkers(m_options.markers.empty() ? defaultMarkers() : m_options.markers,
                                   *tokenizer));
    m_affinities.emplace(std::move(markers), m_options.by);
    m_model = SY_TRY(takeModel(m_options.models, m_options.model, m_threads, m_control));
    return {};
  }

  /// Runs every window as the model is: its loss, the experts it selects, and their affinities.
  Result<void> measureBase() {
    const std::vector<trace::LayerInfo> layers = layersOf(*m_model);
    m_used = std::make_shared<UsedExperts>(m_windows.size(), layers);
    m_loss.emplace(m_model, m_threads, m_windows);
    std::vector<hooks::Observer*> observers{m_used.get()};
    std::unique_ptr<trace::LiveFeed> feed;
    if (m_options.trace.empty()) {
      const std::vector<trace::Analyzer*> analyzers = m_affinities->counters();
      feed = SY_TRY(trace::LiveFeed::create(layers, analyzers));
      observers.push_back(feed.get());
    }
    const auto begin = [&](std::size_t window) {
      m_used->beginWindow(window);
      if (!feed)
        return;
      trace::SequenceInfo info;
      info.index = static_cast<std::int64_t>(window);
      info.id = m_windows[window].id;
      info.labels = m_input.prompts[m_windows[window].prompt].labels;
      for (const base::TokenId token : m_windows[window].tokens)
        info.tokens.push_back(token.value);
      info.promptLength = static_cast<std::int64_t>(info.tokens.size());
      feed->beginSequence(std::move(info));
    };
    std::vector<double> losses = SY_TRY(m_loss->baseline(observers, begin, m_control));
    if (!feed)
      SY_TRY(readAffinities(layers));
    SY_TRY(m_affinities->finish());
    if (m_input.tasks.empty()) {
      const bool exact =
          m_options.mode == "zero" ||
          (m_options.mode == "zero-renorm" && routing::renormalises(m_model->config().moe.gate));
      m_measurer = measureTexts(m_model, m_windows, *m_loss, std::move(losses), m_used, exact);
    } else {
      m_measurer = measureTasks(SY_TRY(evaluate::makeBench(m_model, m_tokenizer, m_input.tasks,
                                                           {.maxTokens = m_options.maxTokens,
                                                            .sampler = {.temperature = 0},
                                                            .addTemplate = m_options.addTemplate})),
                                m_threads, m_options.jobs);
    }
    if (!m_store->base())
      SY_TRY(m_store->setBase(SY_TRY(m_measurer->run(
          nullptr, {}, [] {}, m_control))));
    return {};
  }

  Result<void> readAffinities(const std::vector<trace::LayerInfo>& layers) {
    SY_TRY(m_affinities->readTrace(m_options.trace, m_threads, m_control));
    const auto same = [](const trace::LayerInfo& a, const trace::LayerInfo& b) {
      return a.layer == b.layer && a.experts == b.experts;
    };
    if (!std::ranges::equal(m_affinities->layers(), layers, same))
      return base::fail(ErrorCode::InvalidArgument,
                        "this trace has other MoE layers than the model",
                        {.file = m_options.trace.string()});
    return {};
  }

  Result<void> measureExperts(const std::vector<ExpertId>& experts) {
    const auto steps = static_cast<std::int64_t>(m_measurer->steps());
    const auto total = static_cast<std::int64_t>(experts.size()) * steps;
    std::int64_t done = 0;
    for (const ExpertId& id : experts) {
      if (m_store->find(id)) {
        done += steps;
        continue;
      }
      const auto policy = SY_TRY(without(id, m_options.mode, m_registry));
      Measurement measured = SY_TRY(
          m_measurer->run(policy.get(), id, [&] { m_control.report(++done, total, "expert runs"); },
                          {.progress = {}, .stop = m_control.stop}));
      SY_TRY(m_store->add(id, std::move(measured)));
    }
    return {};
  }

  Result<Analysis> conclude(const std::vector<ExpertId>& experts) {
    std::vector<std::pair<ExpertId, Measurement>> measured;
    for (const ExpertId& id : experts)
      measured.emplace_back(id, *m_store->find(id));
    const Measurement& base = *m_store->base();
    double weight = 0;
    for (const Measured& unit : base)
      weight += unit.weight;
    const Effects effects =
        SY_TRY(effectsOf(base, measured, *m_affinities,
                         {.accuracy = m_input.accuracy, .seed = m_options.seed}, m_threads));
    Analysis analysis;
    analysis.ids = {"ablate"};
    analysis.results.push_back(
        describeEffects(effects, m_options, static_cast<std::int64_t>(base.size()), weight));
    trace::Provenance& provenance = analysis.results.back().provenance;
    provenance.options.emplace_back("model", SY_TRY(fingerprintModel(m_options.model)));
    provenance.options.emplace_back("input", m_input.hash);
    analysis.command = commandLine(m_options);
    if (!m_options.trace.empty())
      analysis.traceId = SY_TRY(trace::Trace::open(m_options.trace))->id();
    return analysis;
  }

  const AblateOptions& m_options;
  plugin::Registry& m_registry;
  const base::ThreadContext& m_threads;
  const base::RunControl& m_control;
  Input m_input;
  std::int64_t m_context = 0;
  std::optional<tokenizer::Tokenizer> m_tokenizer;
  std::vector<Window> m_windows;
  std::optional<Store> m_store;
  std::optional<AffinityCounter> m_affinities;
  std::shared_ptr<const model::Model> m_model;
  std::shared_ptr<UsedExperts> m_used;
  std::optional<TextLoss> m_loss;
  std::unique_ptr<Measurer> m_measurer;
};

} // namespace

Result<Analysis> ablate(const AblateOptions& options,
                        const std::shared_ptr<plugin::Registry>& registry,
                        const base::ThreadContext& threads, const base::RunControl& control) {
  return Ablation(options, *registry, threads, control).run();
}

} // namespace switchyard::jobs::ablate
