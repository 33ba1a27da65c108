#include "app/jobs/experiment/inputs.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/chat_renderer.h"
#include "app/jobs/option_json.h"
#include "app/jobs/recipes.h"
#include "app/jobs/text.h"
#include "app/jobs/trace_meta.h"

namespace switchyard::jobs::experiment {

namespace {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

/// An error with the place in the experiment in front.
tl::unexpected<base::Error> at(const std::string& place, base::Error error) {
  error.message = place + ": " + error.message;
  return tl::unexpected<base::Error>(std::move(error));
}

Result<ModelInput> readModel(const ModelEntry& entry) {
  if (entry.place.path.empty())
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("the experiment needs the checkpoint \"{0}\"{1}; name its folder "
                                  "with --model {0}=DIR",
                                  entry.name, entry.about.empty() ? "" : " (" + entry.about + ")"));
  ModelInput input;
  input.config = SY_TRY(model::readConfig(entry.place.path));
  const trace::TraceMeta meta = SY_TRY(describeModel(input.config, entry.place.path));
  input.hash = meta.modelFingerprint;
  input.tokenizerHash = meta.tokenizerFingerprint;
  if (!input.tokenizerHash.empty())
    input.tokenizer =
        std::make_shared<const tokenizer::Tokenizer>(SY_TRY(loadTokenizer(entry.place.path)));
  return input;
}

json describePlugin(const plugin::Manifest& manifest, const plugin::OptionValues& values) {
  return {{"plugin", manifest.id},
          {"version", manifest.version},
          {"options", plugin::describe(values)}};
}

Result<std::string> describeRecipe(const RecipeEntry& entry, const plugin::Registry& registry) {
  if (entry.recipe.empty())
    return std::string();
  const routing::Recipe recipe = SY_TRY(routing::parseRecipe(entry.recipe, {.file = entry.name}));
  json steps = json::array();
  for (const routing::RecipeStep& step : recipe.steps) {
    const auto resolved = resolveStep(step, registry);
    if (!resolved)
      return at(fmt::format("recipe \"{}\"", entry.name), resolved.error());
    steps.push_back(describePlugin(resolved->manifest, resolved->options));
  }
  routing::Recipe unnamed = recipe; // what it is called changes nothing
  unnamed.name.clear();
  unnamed.description.clear();
  return json{{"recipe", routing::toJson(unnamed)}, {"steps", steps}}.dump();
}

Result<void> readDecoder(const DecoderEntry& entry, const plugin::Registry& registry,
                         Inputs& inputs) {
  if (entry.word.empty()) {
    inputs.decoders.push_back(evaluate::baseVariant());
    inputs.decoderIds.emplace_back();
    return {};
  }
  auto variant = evaluate::decoderVariant(entry.word, {}, registry);
  if (!variant)
    return at(fmt::format("decoder \"{}\"", entry.name), std::move(variant).error());
  const plugin::Manifest manifest = SY_TRY(registry.find(variant->decoder, plugin::Kind::Decoder));
  const plugin::OptionValues values =
      SY_TRY(plugin::parseOptions(manifest.options, variant->arguments, manifest.shortName()));
  inputs.decoderIds.push_back(describePlugin(manifest, values).dump());
  inputs.decoders.push_back(std::move(*variant));
  return {};
}

/// What a plugin would get besides its options: markers are found by the model's tokenizer when it
/// runs.
bool lacksMarkers(const plugin::Manifest& manifest, const AnalysisRequest& request) {
  const auto isMarkers = [](const auto& option) { return option.name == "markers"; };
  return std::ranges::any_of(manifest.options, isMarkers) &&
         std::ranges::none_of(request.options,
                              [](const auto& given) { return given.first == "markers"; });
}

Result<void> readRequests(const std::string& place, const std::vector<AnalysisRequest>& requests,
                          const plugin::Registry& registry, Inputs& inputs) {
  for (const AnalysisRequest& request : requests) {
    const auto manifest = registry.find(request.plugin, std::nullopt);
    if (!manifest)
      return at(place, manifest.error());
    if (!manifest->has(plugin::Kind::Analyzer) && !manifest->has(plugin::Kind::Simulator))
      return base::fail(
          ErrorCode::InvalidArgument,
          fmt::format("{}: \"{}\" is neither an analyzer nor a simulator", place, request.plugin));
    plugin::OptionArguments arguments = request.options;
    const bool lacks = lacksMarkers(*manifest, request);
    if (lacks)
      arguments.emplace_back("markers", "marker:1:0"); // stands in, for the check
    auto values = plugin::parseOptions(manifest->options, arguments, manifest->shortName());
    if (!values)
      return at(place, values.error());
    if (lacks)
      std::erase_if(*values, [](const auto& value) { return value.name == "markers"; });
    inputs.plugins[requestKey(request)] = describePlugin(*manifest, *values).dump();
  }
  return {};
}

/// A set as all models see it. Conversations are texts only with a model's template: a set that two
/// models render differently is two sets.
template <typename Set, typename Read>
Result<Set> forAllModels(const Experiment& experiment, const TextSet& entry, Read read) {
  Set first = SY_TRY(read(chatRenderer(experiment.models.front().place.path)));
  for (std::size_t i = 1; i < experiment.models.size(); ++i) {
    const Set other = SY_TRY(read(chatRenderer(experiment.models[i].place.path)));
    if (other.hash != first.hash)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("\"{}\" has conversations, of which the chat templates of "
                                    "\"{}\" and \"{}\" make different texts; run these models as "
                                    "two experiments",
                                    entry.name, experiment.models.front().name,
                                    experiment.models[i].name),
                        {.file = entry.place.path.string()});
  }
  return first;
}

} // namespace

std::string requestKey(const AnalysisRequest& request) {
  return json{{"plugin", request.plugin}, {"options", request.options}}.dump();
}

evaluate::TaskFilter filterOf(const TaskEntry& entry) {
  evaluate::TaskFilter filter{
      .label = entry.label, .value = entry.value, .skip = entry.skip, .limit = entry.limit};
  if (!entry.scorer.empty())
    if (auto scorer = evaluate::parseScorer(std::string_view(entry.scorer)))
      filter.scorer = std::move(*scorer);
  return filter;
}

PromptFilter filterOf(const TextSet& entry) {
  return {.label = entry.label, .value = entry.value, .skip = entry.skip, .limit = entry.limit};
}

Result<Inputs> readInputs(const Experiment& experiment, const plugin::Registry& registry) {
  Inputs inputs;
  for (const RecipeEntry& entry : experiment.recipes)
    inputs.recipes.push_back(SY_TRY(describeRecipe(entry, registry)));
  for (const DecoderEntry& entry : experiment.decoders)
    SY_TRY(readDecoder(entry, registry, inputs));
  if (experiment.capture) {
    SY_TRY(readRequests("capture.with", experiment.capture->with, registry, inputs));
    SY_TRY(readRequests("capture.compare.with", experiment.capture->compare, registry, inputs));
  }
  if (experiment.steer)
    SY_TRY(readRequests("steer.npmi", {AnalysisRequest{"npmi", experiment.steer->npmi}}, registry,
                        inputs));
  for (const ModelEntry& entry : experiment.models)
    inputs.models.push_back(SY_TRY(readModel(entry)));
  for (const TextSet& entry : experiment.prompts)
    inputs.prompts.push_back(SY_TRY(forAllModels<PromptSet>(
        experiment, entry, [&](const ChatRenderer& render) -> Result<PromptSet> {
          PromptSet set = SY_TRY(readPrompts(entry.place.path, render));
          SY_TRY(filterPrompts(set, filterOf(entry), {.file = entry.place.path.string()}));
          return set;
        })));
  for (const TaskEntry& entry : experiment.tasks)
    inputs.tasks.push_back(
        SY_TRY(forAllModels<evaluate::TaskSet>(experiment, entry, [&](const ChatRenderer& render) {
          return evaluate::readTasks(entry.place.path, filterOf(entry), render);
        })));
  return inputs;
}

} // namespace switchyard::jobs::experiment
