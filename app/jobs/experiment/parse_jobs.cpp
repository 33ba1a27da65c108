#include <array>
#include <string_view>

#include <fmt/format.h>

#include "app/jobs/experiment/parse_parts.h"
#include "app/jobs/machine.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;
using nlohmann::json;

constexpr std::int64_t kMany = 1'000'000'000;

Result<void> readSampler(Fields& fields, session::SamplerOptions& sampler) {
  SY_TRY(fields.number("temperature", sampler.temperature));
  std::int64_t topK = sampler.topK;
  SY_TRY(fields.integer("top-k", topK, 0, kMany));
  sampler.topK = static_cast<int>(topK);
  SY_TRY(fields.number("top-p", sampler.topP));
  SY_TRY(fields.number("min-p", sampler.minP));
  SY_TRY(fields.number("repetition-penalty", sampler.repetitionPenalty));
  if (const auto valid = session::validate(sampler); !valid)
    return fields.fail(valid.error().message);
  return {};
}

Result<std::string> argumentText(const json& value, const Fields& fields, const std::string& key) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_number() || value.is_boolean())
    return value.dump();
  return fields.fail(key, "an option is a text, a number, true, false, or a list of these");
}

/// "load", or {"plugin": "expert-cache", "options": {...}}.
Result<std::vector<AnalysisRequest>> readRequests(Fields& fields, std::string_view key) {
  std::vector<AnalysisRequest> requests;
  const json* list = fields.find(key);
  if (!list)
    return requests;
  if (!list->is_array())
    return fields.fail(key, "it is not a list of plugins");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json& item = (*list)[i];
    if (item.is_string()) {
      requests.push_back({item.get<std::string>(), {}});
      continue;
    }
    const std::string at = fmt::format("{}[{}]", fields.place(key), i);
    Fields each = SY_TRY(Fields::of(item, at, fields.where()));
    AnalysisRequest request;
    SY_TRY(each.text("plugin", request.plugin));
    if (const json* options = each.find("options"))
      request.options = SY_TRY(readOptions(*options, at + ".options", fields.where()));
    SY_TRY(each.end());
    if (request.plugin.empty())
      return each.fail("it names no \"plugin\"");
    requests.push_back(std::move(request));
  }
  return requests;
}

Result<void> readReference(Fields& fields, Reference& to) {
  const json* value = fields.find("to");
  if (!value)
    return {};
  Fields each = SY_TRY(Fields::of(*value, fields.place("to"), fields.where()));
  SY_TRY(each.text("model", to.model));
  SY_TRY(each.text("recipe", to.recipe));
  SY_TRY(each.text("decoder", to.decoder));
  return each.end();
}

Result<void> readComparison(Fields& fields, CaptureJob& job) {
  const json* value = fields.find("compare");
  if (!value)
    return {};
  Fields each = SY_TRY(Fields::of(*value, fields.place("compare"), fields.where()));
  job.compare = SY_TRY(readRequests(each, "with"));
  job.comparing = true;
  SY_TRY(readReference(each, job.to));
  SY_TRY(each.end());
  if (job.to.model.empty() && job.to.recipe.empty() && job.to.decoder.empty())
    return each.fail("say with which cells to compare: \"to\": {\"recipe\": \"base\"} or "
                     "{\"model\": NAME}");
  return {};
}

} // namespace

Result<plugin::OptionArguments> readOptions(const json& object, const std::string& at,
                                            const base::Where& where) {
  const Fields fields = SY_TRY(Fields::of(object, at, where));
  plugin::OptionArguments arguments;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_array()) {
      arguments.emplace_back(key, SY_TRY(argumentText(value, fields, key)));
      continue;
    }
    for (const json& item : value)
      arguments.emplace_back(key, SY_TRY(argumentText(item, fields, key)));
  }
  return arguments;
}

Result<CaptureJob> readCapture(const json& value, const base::Where& where) {
  Fields fields = SY_TRY(Fields::of(value, "capture", where));
  CaptureJob job;
  SY_TRY(fields.texts("prompts", job.prompts));
  SY_TRY(fields.texts("recipes", job.recipes));
  SY_TRY(fields.texts("decoders", job.decoders));
  std::string record = "ids,weights";
  SY_TRY(fields.text("record", record));
  const auto columns = trace::parseColumns(record);
  if (!columns)
    return fields.fail("record", columns.error().message);
  job.columns = *columns;
  SY_TRY(fields.integer("generate", job.generate, 0, kMany));
  std::int64_t context = 0;
  SY_TRY(fields.integer("context", context, 1, kMany));
  if (context > 0)
    job.context = context;
  SY_TRY(fields.flag("template", job.addTemplate));
  SY_TRY(readSampler(fields, job.sampler));
  job.with = SY_TRY(readRequests(fields, "with"));
  SY_TRY(fields.text("by", job.by));
  SY_TRY(fields.texts("markers", job.markers));
  if (const json* machine = fields.find("machine"))
    job.machine = SY_TRY(machineFromJson(*machine, {.file = where.file + ": capture.machine"}));
  SY_TRY(fields.integer("step-tokens", job.stepTokens, 1, kMany));
  SY_TRY(readComparison(fields, job));
  SY_TRY(fields.end());
  return job;
}

Result<EvaluateJob> readEvaluate(const json& value, const base::Where& where) {
  Fields fields = SY_TRY(Fields::of(value, "evaluate", where));
  EvaluateJob job;
  SY_TRY(fields.texts("tasks", job.tasks));
  SY_TRY(fields.texts("recipes", job.recipes));
  SY_TRY(fields.texts("decoders", job.decoders));
  SY_TRY(fields.integer("repeats", job.repeats, 1, 1'000'000));
  SY_TRY(fields.flag("template", job.addTemplate));
  SY_TRY(fields.texts("stop", job.stop));
  SY_TRY(readSampler(fields, job.sampler));
  SY_TRY(fields.integer("resamples", job.resamples, 1, kMany));
  SY_TRY(fields.number("alpha", job.alpha));
  SY_TRY(fields.end());
  if (!(job.alpha > 0 && job.alpha < 1))
    return fields.fail("alpha", fmt::format("{} is not between 0 and 1", job.alpha));
  return job;
}

Result<SteerJob> readSteer(const json& value, const base::Where& where) {
  Fields fields = SY_TRY(Fields::of(value, "steer", where));
  SteerJob job;
  job.multipliers = {4, 16, 64, 256};
  SY_TRY(fields.text("tasks", job.tasks));
  SY_TRY(fields.text("prompts", job.prompts));
  SY_TRY(fields.count("identify", job.identify));
  SY_TRY(fields.texts("markers", job.markers));
  SY_TRY(fields.numbers("multipliers", job.multipliers));
  SY_TRY(fields.text("where", job.where));
  SY_TRY(fields.integer("controls", job.controls, 1, 100));
  if (const json* options = fields.find("npmi"))
    job.npmi = SY_TRY(readOptions(*options, "steer.npmi", where));
  SY_TRY(fields.end());
  if (job.where != "post-norm" && job.where != "pre-norm" && job.where != "logit")
    return fields.fail("where",
                       fmt::format("\"{}\" is neither post-norm, pre-norm nor logit", job.where));
  return job;
}

Result<AblateJob> readAblate(const json& value, const base::Where& where) {
  Fields fields = SY_TRY(Fields::of(value, "ablate", where));
  AblateJob job;
  SY_TRY(fields.text("prompts", job.prompts));
  SY_TRY(fields.text("tasks", job.tasks));
  SY_TRY(fields.text("experts", job.experts));
  SY_TRY(fields.text("mode", job.mode));
  SY_TRY(fields.text("by", job.by));
  SY_TRY(fields.texts("markers", job.markers));
  SY_TRY(fields.integer("context", job.context, 2, kMany));
  SY_TRY(fields.end());
  if (job.prompts.empty() == job.tasks.empty())
    return fields.fail("name one set of \"prompts\" (effects on loss) or of \"tasks\" (effects on "
                       "scores)");
  return job;
}

} // namespace switchyard::jobs::experiment
