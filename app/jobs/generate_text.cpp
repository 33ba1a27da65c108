#include "app/jobs/generate_text.h"

#include <optional>

#include "app/jobs/recipes.h"
#include "app/jobs/recording.h"
#include "app/jobs/text.h"
#include "app/jobs/trace_meta.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

double rate(std::size_t tokens, double seconds) {
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0.0;
}

/// The tokenizer if it is needed for the prompt or stop texts, or at least usable for the output.
Result<std::optional<tokenizer::Tokenizer>> findTokenizer(const GenerateTextOptions& options) {
  auto tokenizer = loadTokenizer(options.model);
  if (tokenizer)
    return std::optional<tokenizer::Tokenizer>(std::move(*tokenizer));
  const bool needed = options.tokenIds.empty() || !options.generate.stop.empty();
  if (needed || tokenizer.error().code != ErrorCode::NotFound)
    return tl::unexpected<base::Error>(std::move(tokenizer).error());
  return std::optional<tokenizer::Tokenizer>();
}

Result<Steering> readSteering(const GenerateTextOptions& options,
                              const tokenizer::Tokenizer* tokenizer) {
  if (options.recipe.empty())
    return Steering{};
  const routing::Recipe recipe = SY_TRY(readRecipe(options.recipe));
  return makeSteering(recipe, options.registry.get(), tokenizer);
}

} // namespace

double GenerateTextResult::promptRate() const {
  return rate(prompt.size(), generated.promptSeconds);
}

double GenerateTextResult::decodeRate() const {
  return rate(generated.tokens.size(), generated.decodeSeconds);
}

Result<GenerateTextResult> generateText(const GenerateTextOptions& options,
                                        const base::ThreadContext& threads,
                                        const std::function<void(std::string_view)>& onText,
                                        const base::RunControl& control) {
  SY_TRY(session::validate(options.generate.sampler));
  if (!options.trace.empty() &&
      SY_TRY(trace::recordingState(options.trace)) != trace::RecordingState::Absent)
    return fail(ErrorCode::InvalidArgument, "this trace exists; choose another name",
                {.file = options.trace.string()});
  const model::ModelConfig config = SY_TRY(model::readConfig(options.model));
  const auto tokenizer = SY_TRY(findTokenizer(options));
  GenerateTextResult result;
  if (options.tokenIds.empty())
    result.prompt = SY_TRY(tokenizer->encode(options.prompt, {.addTemplate = options.addTemplate}));
  else
    for (const std::int32_t id : options.tokenIds)
      result.prompt.emplace_back(id);
  if (result.prompt.empty())
    return fail(ErrorCode::InvalidArgument, "the prompt is empty; give --prompt or --token-ids");

  const tokenizer::Tokenizer* texts = tokenizer ? &*tokenizer : nullptr;
  const Steering steering = SY_TRY(readSteering(options, texts));
  const DecoderChoice choice = SY_TRY(DecoderChoice::find(
      options.decoder, options.registry, {.log = options.log, .control = {{}, control.stop}}));
  const auto decoder = SY_TRY(choice.make());
  result.decoder = choice.shortName();

  const auto model = SY_TRY(model::Model::load(options.model, threads, {}, control));
  if (steering.policy)
    SY_TRY(steering.policy->begin(model->layerFacts()));
  Recording recording;
  std::vector<hooks::Observer*> observers;
  if (!options.trace.empty()) {
    trace::TraceMeta meta = SY_TRY(describeModel(config, options.model));
    describeSteering(steering, model->layerFacts(), meta);
    SY_TRY(choice.describe(*model, meta));
    meta.seed = options.generate.sampler.seed;
    recording = SY_TRY(startRecording(options.trace, meta, options.columns, "prompt",
                                      options.prompt, result.prompt));
    observers.push_back(recording.recorder.get());
  }
  result.generated = SY_TRY(generate(
      {.model = model,
       .threads = threads,
       .decoder = *decoder,
       .policy = steering.policy.get(),
       .compile = recipeCompiler(options.registry.get(), texts, steering.recipe),
       .tokenizer = texts,
       .observers = observers,
       .distributions = recording.writer ? distributionRecorder(*recording.writer) : nullptr,
       .keepsRecords = options.wantsRecords || recording.writer},
      result.prompt, options.generate, onText, {{}, control.stop}));
  if (recording.recorder)
    SY_TRY(finishRecording(recording, result.generated.records));
  return result;
}

} // namespace switchyard::jobs
