#include "app/jobs/capture.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "app/jobs/command_line.h"
#include "app/jobs/generate.h"
#include "app/jobs/prompts.h"
#include "app/jobs/recipes.h"
#include "app/jobs/text.h"
#include "app/jobs/trace_meta.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/loader.h"
#include "core/trace/reader.h"
#include "core/trace/recorder.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

/// Tokens of a window: what the context holds besides the generated ones.
Result<std::int64_t> windowLength(const CaptureOptions& options, const model::ModelConfig& config) {
  const std::int64_t context = options.context.value_or(config.maxPositions);
  if (context < 1 || context > config.maxPositions)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a context of {} tokens is outside 1..{}, the model's positions",
                            context, config.maxPositions));
  if (options.generate < 0 || options.generate >= context)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("generating {} tokens leaves no room for a prompt in a context of {}",
                            options.generate, context));
  return context - options.generate;
}

/// Options that change what is recorded, for provenance and for checking a resumed capture.
std::vector<std::pair<std::string, std::string>> optionList(const CaptureOptions& options,
                                                            std::int64_t window) {
  const session::SamplerOptions& s = options.sampler;
  std::vector<std::pair<std::string, std::string>> list = {
      {"window", fmt::to_string(window)},
      {"template", options.addTemplate ? "yes" : "no"},
      {"generate", fmt::to_string(options.generate)}};
  if (options.generate > 0) {
    list.emplace_back("temperature", fmt::to_string(s.temperature));
    list.emplace_back("top-k", fmt::to_string(s.topK));
    list.emplace_back("top-p", fmt::to_string(s.topP));
    list.emplace_back("min-p", fmt::to_string(s.minP));
    list.emplace_back("repetition-penalty", fmt::to_string(s.repetitionPenalty));
  }
  return list;
}

/// The command that makes the same trace. Says nothing of threads, output and interruptions, which
/// change no byte.
std::string commandLine(const CaptureOptions& options, const DecoderChoice& decoder) {
  std::string line = fmt::format("switchyard capture {} --prompts {} --record {}",
                                 shellQuoted(options.model.string()),
                                 shellQuoted(options.prompts.string()), trace::describe(options.columns));
  if (options.context)
    line += fmt::format(" --context {}", *options.context);
  if (!options.addTemplate)
    line += " --no-template";
  if (!options.recipe.empty())
    line += " --recipe " + shellQuoted(options.recipe.string());
  if (options.generate > 0) {
    const session::SamplerOptions& s = options.sampler;
    line += fmt::format(" --generate {} --temperature {} --top-k {} --top-p {} --min-p {} "
                        "--repetition-penalty {} --seed {}",
                        options.generate, s.temperature, s.topK, s.topP, s.minP,
                        s.repetitionPenalty, s.seed);
  }
  return line + decoder.flags();
}

/// Bytes that the recorder may buffer once weights and KV state are there.
Result<std::uint64_t> rowMemory(const CaptureOptions& options, const model::ModelConfig& config,
                                std::int64_t positions) {
  constexpr std::uint64_t kDefault = 256u << 20;
  if (!options.maxMemory)
    return kDefault;
  const auto checkpoint = SY_TRY(checkpoint::Checkpoint::open(options.model));
  const auto facts = SY_TRY(model::inspectWeights(checkpoint, config));
  const std::uint64_t cache = model::KvCache::bytes(config, positions);
  const std::uint64_t fixed = facts.weightBytes + cache;
  constexpr std::uint64_t kLeast = 16u << 20;
  if (*options.maxMemory < fixed + kLeast)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("weights ({} MiB), KV state ({} MiB) and a buffer ({} MiB) do not fit "
                            "into --max-memory; at least {} MiB are needed",
                            facts.weightBytes >> 20, cache >> 20, kLeast >> 20,
                            ((fixed + kLeast) >> 20) + 1));
  return std::min(kDefault, *options.maxMemory - fixed);
}

/// Everything that a capture needs, opened and checked.
struct Setup {
  std::vector<Prompt> prompts;
  std::vector<Window> windows;
  trace::TraceMeta meta;
  trace::WriterOptions writer;
  Steering steering; ///< its policy is cloned for each sequence
  DecoderChoice decoder;
  std::optional<tokenizer::Tokenizer> tokenizer; ///< where the prompts are texts

  const tokenizer::Tokenizer* texts() const { return tokenizer ? &*tokenizer : nullptr; }
};

Result<Setup> prepare(const CaptureOptions& options, const base::RunControl& control) {
  SY_TRY(session::validate(options.sampler));
  if (!options.decoder.name.empty() && options.generate == 0)
    return fail(ErrorCode::InvalidArgument,
                "a decoder chooses tokens, and none are to be generated; add --generate N");
  const model::ModelConfig config = SY_TRY(model::readConfig(options.model));
  const std::int64_t window = SY_TRY(windowLength(options, config));
  PromptSet set = SY_TRY(readPrompts(options.prompts));
  Setup setup;
  setup.tokenizer = SY_TRY(tokenizerFor(options.model, set.prompts));
  setup.windows =
      SY_TRY(makeWindows(set.prompts, setup.texts(), options.addTemplate, window));
  setup.decoder = SY_TRY(DecoderChoice::find(options.decoder, options.registry,
                                             {.log = options.log, .control = {{}, control.stop}}));
  setup.writer.memoryBytes = SY_TRY(rowMemory(options, config, window + options.generate));
  setup.writer.overwrite = options.overwrite;
  setup.meta = SY_TRY(describeModel(config, options.model));
  setup.meta.commandLine = commandLine(options, setup.decoder);
  setup.meta.promptsPath = options.prompts.string();
  setup.meta.promptsFingerprint = set.hash;
  setup.meta.options = optionList(options, window);
  setup.meta.seed =
      options.generate > 0 || !options.recipe.empty() ? options.sampler.seed : 0;
  if (!options.recipe.empty()) {
    const routing::Recipe recipe = SY_TRY(readRecipe(options.recipe));
    setup.steering = SY_TRY(makeSteering(recipe, options.registry.get(), setup.texts()));
  }
  setup.prompts = std::move(set.prompts);
  return setup;
}

trace::SequenceInfo describeWindow(const Setup& setup, std::int64_t index) {
  const Window& window = setup.windows[static_cast<std::size_t>(index)];
  const Prompt& prompt = setup.prompts[window.prompt];
  trace::SequenceInfo info;
  info.index = index;
  info.id = window.id;
  info.source = prompt.source;
  info.text = window.text;
  info.labels = prompt.labels;
  info.promptLength = static_cast<std::int64_t>(window.tokens.size());
  for (const base::TokenId token : window.tokens)
    info.tokens.push_back(token.value);
  return info;
}

/// Runs one window, and what is to be generated after it. Returns the tokens that were run.
Result<std::int64_t> runWindow(const Setup& setup, std::int64_t index,
                               const CaptureOptions& options,
                               const std::shared_ptr<const model::Model>& model,
                               const base::ThreadContext& threads, trace::TraceWriter& writer,
                               trace::TraceRecorder& recorder, std::stop_token stop) {
  const Window& window = setup.windows[static_cast<std::size_t>(index)];
  SY_TRY(recorder.beginSequence(describeWindow(setup, index)));
  const auto decoder = SY_TRY(setup.decoder.make());
  hooks::Observer* const observers[] = {&recorder};
  const GenerateResult result =
      SY_TRY(generate({.model = model,
                       .threads = threads,
                       .decoder = *decoder,
                       .policy = setup.steering.policy.get(),
                       .compile = recipeCompiler(options.registry.get(), setup.texts()),
                       .observers = observers},
                      window.tokens,
                      {.maxTokens = options.generate,
                       .sampler = options.sampler,
                       .stream = static_cast<std::uint64_t>(index)},
                      {}, {{}, stop}));
  if (result.reason == StopReason::Cancelled)
    return fail(ErrorCode::Cancelled, "stopped on request");
  SY_TRY(addRecords(writer, result.records));
  SY_TRY(recorder.endSequence());
  return static_cast<std::int64_t>(window.tokens.size() + result.tokens.size());
}

/// A capture that was finished before: nothing to run if it is of the same inputs.
Result<CaptureResult> describeComplete(const CaptureOptions& options, const Setup& setup) {
  const auto trace = SY_TRY(trace::Trace::open(options.out));
  std::string difference = trace::describeDifference(trace->meta(), setup.meta);
  if (difference.empty() && trace->columns() != options.columns)
    difference = "other columns";
  if (!difference.empty())
    return fail(ErrorCode::InvalidArgument,
                "this trace is complete and was made otherwise: " + difference,
                {.file = options.out.string()});
  CaptureResult result;
  result.sequences = trace->sequences();
  result.complete = true;
  return result;
}

/// Runs what is not recorded yet. Returns false after a stop request.
Result<bool> runWindows(const Setup& setup, const CaptureOptions& options,
                        const std::shared_ptr<const model::Model>& model,
                        const base::ThreadContext& threads, const base::RunControl& control,
                        trace::TraceWriter& writer, CaptureResult& result) {
  const auto total = static_cast<std::int64_t>(setup.windows.size());
  const std::int64_t first = writer.sequences();
  const auto planned = [&](std::int64_t index) {
    return static_cast<std::int64_t>(setup.windows[static_cast<std::size_t>(index)].tokens.size()) +
           options.generate;
  };
  std::int64_t allTokens = 0;
  for (std::int64_t index = first; index < total; ++index)
    allTokens += planned(index);
  trace::TraceRecorder recorder(writer);
  std::int64_t done = 0;
  for (std::int64_t index = first; index < total; ++index) {
    auto ran = runWindow(setup, index, options, model, threads, writer, recorder, control.stop);
    if (!ran) {
      SY_TRY(recorder.abandonSequence());
      SY_TRY(writer.stop());
      if (ran.error().code == ErrorCode::Cancelled)
        return false;
      return tl::unexpected<base::Error>(std::move(ran).error());
    }
    result.tokens += *ran;
    ++result.captured;
    done += planned(index);
    control.report(done, allTokens, "tokens");
  }
  return true;
}

} // namespace

Result<CaptureResult> capture(const CaptureOptions& options, const base::ThreadContext& threads,
                              const base::RunControl& control) {
  Setup setup = SY_TRY(prepare(options, control));
  const trace::RecordingState state = SY_TRY(trace::recordingState(options.out));
  if (state != trace::RecordingState::Absent && !options.resume && !options.overwrite)
    return fail(ErrorCode::InvalidArgument,
                state == trace::RecordingState::Complete
                    ? "this trace exists; choose another name, or replace it with --overwrite"
                    : "an interrupted capture is here; continue it with --resume, or replace it "
                      "with --overwrite",
                {.file = options.out.string()});
  const auto model = SY_TRY(model::Model::load(options.model, threads, {}, control));
  if (setup.steering.policy)
    SY_TRY(setup.steering.policy->begin(model->layerFacts()));
  describeSteering(setup.steering, model->layerFacts(), setup.meta);
  SY_TRY(setup.decoder.describe(*model, setup.meta));
  if (state == trace::RecordingState::Complete && options.resume)
    return describeComplete(options, setup);
  const auto writer =
      SY_TRY(options.resume ? trace::TraceWriter::resume(options.out, setup.meta, options.columns,
                                                         setup.writer)
                            : trace::TraceWriter::create(options.out, setup.meta, options.columns,
                                                         setup.writer));
  const std::int64_t first = writer->sequences();
  CaptureResult result;
  const auto start = Clock::now();
  result.complete =
      SY_TRY(runWindows(setup, options, model, threads, control, *writer, result));
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.sequences = first + result.captured;
  if (result.complete)
    SY_TRY(writer->finish());
  return result;
}

} // namespace switchyard::jobs
