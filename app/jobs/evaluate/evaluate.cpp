#include "app/jobs/evaluate/evaluate.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/command_line.h"
#include "app/jobs/evaluate/store.h"
#include "app/jobs/recipes.h"
#include "app/jobs/text.h"
#include "app/jobs/trace_meta.h"
#include "core/base/version.h"
#include "core/model/loader.h"

namespace switchyard::jobs::evaluate {

namespace {

using base::ErrorCode;
using base::Result;

Result<void> check(const Options& options) {
  SY_TRY(session::validate(options.settings.sampler));
  if (options.repeats < 1 || options.repeats > 1'000'000)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("{} repeats are outside 1..1000000", options.repeats));
  if (options.jobs < 0 || options.jobs > base::ThreadContext::kMaxThreads)
    return base::fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} jobs are outside 0..{}", options.jobs, base::ThreadContext::kMaxThreads));
  if (options.settings.maxTokens < 1)
    return base::fail(ErrorCode::InvalidArgument, "an answer needs at least one token");
  if (!(options.alpha > 0 && options.alpha < 1))
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("alpha {} is outside (0, 1)", options.alpha));
  return {};
}

/// What can be wrong is told before a store is made.
Result<void> checkInputs(const Options& options) {
  SY_TRY(check(options));
  SY_TRY(readTasks(options.tasks, options.filter, chatRenderer(options.model)));
  SY_TRY(model::readConfig(options.model));
  return {};
}

int jobsOf(const Options& options, const base::ThreadContext& threads) {
  return options.jobs > 0 ? options.jobs : threads.threads();
}

std::string commandLine(const Options& options) {
  std::string line = "switchyard evaluate " + shellQuoted(options.model.string());
  for (const Variant& variant : options.variants)
    line += " " + variant.given;
  return line + taskFlags(options);
}

Result<std::optional<tokenizer::Tokenizer>> findTokenizer(const Options& options,
                                                          const std::vector<Task>& tasks) {
  const bool needed = std::ranges::any_of(tasks, [](const Task& task) {
    return !task.prompt.hasTokens || task.scorer.kind != ScorerKind::Perplexity ||
           !task.answers.empty();
  });
  if (!needed)
    return std::optional<tokenizer::Tokenizer>();
  return std::optional<tokenizer::Tokenizer>(SY_TRY(loadTokenizer(options.model)));
}

Result<std::vector<Way>> makeWays(const std::vector<Variant>& variants, const Bench& bench,
                                  const Options& options, const base::RunControl& control) {
  std::vector<Way> ways;
  for (const Variant& variant : variants) {
    Way way;
    const tokenizer::Tokenizer* tokenizer = bench.tokenizer ? &*bench.tokenizer : nullptr;
    way.compile = recipeCompiler(options.registry.get(), tokenizer, variant.recipe);
    way.decoder = std::make_shared<const DecoderChoice>(
        SY_TRY(DecoderChoice::find({variant.decoder, variant.arguments}, options.registry,
                                   {.log = options.log, .control = {{}, control.stop}})));
    if (!variant.recipe.empty()) {
      const routing::Recipe recipe =
          SY_TRY(routing::parseRecipe(variant.recipe, {.file = variant.name}));
      way.policy = SY_TRY(makePolicy(recipe, options.registry.get(), tokenizer));
      SY_TRY(way.policy->begin(bench.model->layerFacts()));
    }
    ways.push_back(std::move(way));
  }
  return ways;
}

/// Numbers of the variants in the store, and what is there and what is not.
struct Plan {
  std::vector<std::int64_t> variants;
  Outcomes outcomes;
  std::vector<Cell> missing; ///< item by item, so that what is there can be compared early
  std::int64_t total = 0;
};

Result<Plan> makePlan(Store& store, const std::vector<Variant>& variants, std::size_t items,
                      std::int64_t repeats) {
  Plan plan;
  for (const Variant& variant : variants)
    plan.variants.push_back(SY_TRY(store.variant(variant.key())));
  plan.outcomes = SY_TRY(store.outcomes());
  for (std::size_t item = 0; item < items; ++item)
    for (std::int64_t repeat = 0; repeat < repeats; ++repeat)
      for (std::size_t v = 0; v < variants.size(); ++v) {
        const Cell cell{v, static_cast<std::int64_t>(item), repeat};
        ++plan.total;
        if (!plan.outcomes.contains({plan.variants[v], cell.item, repeat}))
          plan.missing.push_back(cell);
      }
  return plan;
}

std::string signatureOf(const Options& options, const std::string& tasks,
                        const std::vector<Variant>& variants) {
  nlohmann::json keys = nlohmann::json::array();
  for (const Variant& variant : variants)
    keys.push_back(variant.key());
  return nlohmann::json{{"settings", toJson(options.settings)},
                        {"tasks", tasks},
                        {"limit", options.filter.limit},
                        {"repeats", options.repeats},
                        {"variants", keys}}
      .dump();
}

Measured collect(const Options& options, const TaskSet& set, std::vector<Variant> variants,
                 const Plan& plan) {
  Measured measured;
  measured.tasks = set.tasks;
  measured.measure = set.measure;
  measured.repeats = options.repeats;
  measured.sampled = options.settings.sampler.temperature > 0;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    measured.outcomes.emplace_back();
    for (std::size_t item = 0; item < set.tasks.size(); ++item)
      for (std::int64_t repeat = 0; repeat < options.repeats; ++repeat)
        measured.outcomes.back().push_back(
            plan.outcomes.at({plan.variants[v], static_cast<std::int64_t>(item), repeat}));
  }
  measured.variants = std::move(variants);
  return measured;
}

std::vector<Speed> speeds(const Measured& measured) {
  std::vector<Speed> list;
  for (std::size_t v = 0; v < measured.variants.size(); ++v) {
    list.push_back({measured.variants[v].name, 0, 0});
    for (const Outcome& outcome : measured.outcomes[v]) {
      list.back().tokens += outcome.tokens;
      list.back().seconds += outcome.seconds;
    }
  }
  return list;
}

Result<void> noteAllPlugins(std::vector<Variant>& variants, const Options& options) {
  if (options.registry)
    for (Variant& variant : variants)
      SY_TRY(notePlugins(variant, *options.registry));
  return {};
}

/// Runs what the store lacks.
Result<Ran> runIn(Store& store, const Options& options, std::vector<Variant> variants,
                  const base::ThreadContext& threads, const base::RunControl& control) {
  const TaskSet set = SY_TRY(readTasks(options.tasks, options.filter, chatRenderer(options.model)));
  const model::ModelConfig config = SY_TRY(model::readConfig(options.model));
  auto tokenizer = SY_TRY(findTokenizer(options, set.tasks));
  const trace::TraceMeta meta = SY_TRY(describeModel(config, options.model));
  Ran ran;
  ran.tasks = set.hash;
  ran.identity = {meta.modelFingerprint + meta.tokenizerFingerprint, set.hash,
                  fmt::format("{} switchyard {}", toJson(options.settings), base::version()),
                  set.file};
  SY_TRY(store.select(ran.identity));
  Plan plan = SY_TRY(makePlan(store, variants, set.tasks.size(), options.repeats));
  ran.total = plan.total;
  ran.reused = plan.total - static_cast<std::int64_t>(plan.missing.size());
  if (!plan.missing.empty()) {
    const auto model = SY_TRY(takeModel(options.models, options.model, threads, control));
    const Bench bench = SY_TRY(makeBench(model, std::move(tokenizer), set.tasks, options.settings));
    const std::vector<Way> ways = SY_TRY(makeWays(variants, bench, options, control));
    const auto start = std::chrono::steady_clock::now();
    const CellSink sink = [&](const Cell& cell, Outcome outcome) -> Result<void> {
      const OutcomeKey key{plan.variants[cell.variant], cell.item, cell.repeat};
      SY_TRY(store.add(key, outcome));
      plan.outcomes.emplace(key, std::move(outcome));
      ++ran.ran;
      control.report(ran.reused + ran.ran, plan.total, "items");
      return {};
    };
    const bool finished = SY_TRY(
        runCells(bench, ways, plan.missing, jobsOf(options, threads), threads, sink, control.stop));
    ran.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!finished)
      return ran;
  }
  ran.complete = true;
  ran.measured = collect(options, set, std::move(variants), plan);
  return ran;
}

} // namespace

std::string taskFlags(const Options& options) {
  std::string line = " --tasks " + shellQuoted(options.tasks.string());
  const auto add = [&](std::string_view flag, const std::string& value) {
    line += fmt::format(" {} {}", flag, shellQuoted(value));
  };
  if (options.filter.scorer)
    add("--scorer", describe(*options.filter.scorer));
  if (!options.filter.label.empty())
    add("--only", fmt::format("{}={}", options.filter.label, options.filter.value));
  if (options.filter.skip > 0)
    add("--skip", fmt::to_string(options.filter.skip));
  if (options.filter.limit > 0)
    add("--limit", fmt::to_string(options.filter.limit));
  if (options.repeats != 1)
    add("--repeats", fmt::to_string(options.repeats));
  add("--max-tokens", fmt::to_string(options.settings.maxTokens));
  for (const std::string& stop : options.settings.stop)
    add("--stop", stop);
  if (!options.settings.addTemplate)
    line += " --no-template";
  const Options defaults;
  if (options.alpha != defaults.alpha)
    add("--alpha", fmt::format("{}", options.alpha));
  if (options.tests.resamples != defaults.tests.resamples)
    add("--resamples", fmt::to_string(options.tests.resamples));
  return line + samplerFlags(options.settings.sampler);
}

void describeRun(const Options& options, std::size_t items, const RunIdentity& identity,
                 trace::Provenance& provenance) {
  provenance.version = std::string(base::version());
  provenance.filter = fmt::format("{} items of {}", items, options.tasks.string());
  provenance.options = {{"model", identity.model},
                        {"tasks", identity.tasks},
                        {"settings", toJson(options.settings)},
                        {"repeats", fmt::to_string(options.repeats)},
                        {"resamples", fmt::to_string(options.tests.resamples)},
                        {"level", fmt::format("{}", options.tests.level)},
                        {"alpha", fmt::format("{}", options.alpha)},
                        {"statistics_seed", fmt::to_string(options.tests.seed)}};
}

Result<Ran> runVariants(const Options& options, std::vector<Variant> variants,
                        const base::ThreadContext& threads, const base::RunControl& control) {
  SY_TRY(checkInputs(options));
  SY_TRY(noteAllPlugins(variants, options));
  Store store = SY_TRY(Store::open(options.store));
  return runIn(store, options, std::move(variants), threads, control);
}

Result<Evaluation> evaluate(const Options& options, const base::ThreadContext& threads,
                            const base::RunControl& control) {
  SY_TRY(checkInputs(options));
  std::vector<Variant> variants = SY_TRY(withBase(options.variants));
  SY_TRY(noteAllPlugins(variants, options));
  Store store = SY_TRY(Store::open(options.store));
  Ran ran = SY_TRY(runIn(store, options, variants, threads, control));
  Evaluation evaluation;
  evaluation.command = commandLine(options);
  evaluation.threads = threads.threads();
  evaluation.jobs = jobsOf(options, threads);
  evaluation.total = ran.total;
  evaluation.reused = ran.reused;
  evaluation.ran = ran.ran;
  evaluation.seconds = ran.seconds;
  if (!ran.complete)
    return evaluation;
  evaluation.complete = true;
  evaluation.measured = std::move(ran.measured);
  evaluation.measured.look = SY_TRY(store.look(signatureOf(options, ran.tasks, variants),
                                               static_cast<std::int64_t>(variants.size()) - 1));
  TestOptions tests = options.tests;
  tests.threads = &threads;
  evaluation.result = SY_TRY(summarize(evaluation.measured, tests, options.alpha));
  evaluation.speed = speeds(evaluation.measured);
  describeRun(options, evaluation.measured.tasks.size(), ran.identity,
              evaluation.result.provenance);
  return evaluation;
}

} // namespace switchyard::jobs::evaluate
