#include "app/jobs/capture_setup.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/jobs/command_line.h"
#include "app/jobs/trace_meta.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/loader.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

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
  std::string line = fmt::format(
      "switchyard capture {} --prompts {} --record {}", shellQuoted(options.model.string()),
      shellQuoted(options.prompts.string()), trace::describe(options.columns));
  if (!options.filter.label.empty())
    line += " --only " + shellQuoted(options.filter.label + "=" + options.filter.value);
  if (options.filter.skip > 0)
    line += fmt::format(" --skip {}", options.filter.skip);
  if (options.filter.limit > 0)
    line += fmt::format(" --limit {}", options.filter.limit);
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

} // namespace

Result<CaptureSetup> prepareCapture(const CaptureOptions& options,
                                    const base::RunControl& control) {
  SY_TRY(session::validate(options.sampler));
  if (!options.decoder.name.empty() && options.generate == 0)
    return fail(ErrorCode::InvalidArgument,
                "a decoder chooses tokens, and none are to be generated; add --generate N");
  const model::ModelConfig config = SY_TRY(model::readConfig(options.model));
  const std::int64_t window = SY_TRY(windowLength(options, config));
  PromptSet set = SY_TRY(readPrompts(options.prompts, chatRenderer(options.model)));
  SY_TRY(filterPrompts(set, options.filter, {.file = options.prompts.string()}));
  CaptureSetup setup;
  setup.tokenizer = SY_TRY(tokenizerFor(options.model, set.prompts));
  setup.windows = SY_TRY(makeWindows(set.prompts, setup.texts(), options.addTemplate, window));
  setup.decoder = SY_TRY(DecoderChoice::find(options.decoder, options.registry,
                                             {.log = options.log, .control = {{}, control.stop}}));
  setup.writer.memoryBytes = SY_TRY(rowMemory(options, config, window + options.generate));
  setup.writer.overwrite = options.overwrite;
  setup.meta = SY_TRY(describeModel(config, options.model));
  setup.meta.commandLine = commandLine(options, setup.decoder);
  setup.meta.promptsPath = options.prompts.string();
  setup.meta.promptsFingerprint = set.hash;
  setup.meta.options = optionList(options, window);
  setup.meta.seed = options.generate > 0 || !options.recipe.empty() ? options.sampler.seed : 0;
  if (!options.recipe.empty()) {
    const routing::Recipe recipe = SY_TRY(readRecipe(options.recipe));
    setup.steering = SY_TRY(makeSteering(recipe, options.registry.get(), setup.texts()));
  }
  setup.prompts = std::move(set.prompts);
  return setup;
}

Result<void> loadModel(CaptureSetup& setup, const CaptureOptions& options,
                       const base::ThreadContext& threads, const base::RunControl& control) {
  setup.model = SY_TRY(takeModel(options.models, options.model, threads, control));
  if (setup.steering.policy)
    SY_TRY(setup.steering.policy->begin(setup.model->layerFacts()));
  describeSteering(setup.steering, setup.model->layerFacts(), setup.meta);
  return setup.decoder.describe(*setup.model, setup.meta);
}

trace::SequenceInfo CaptureSetup::describe(std::int64_t index) const {
  const Window& window = windows[static_cast<std::size_t>(index)];
  const Prompt& prompt = prompts[window.prompt];
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

} // namespace switchyard::jobs
