#include "app/jobs/trace_info.h"

#include <map>

#include <nlohmann/json.hpp>

namespace switchyard::jobs {

namespace {

nlohmann::json layersOf(const trace::TraceMeta& meta) {
  nlohmann::json layers = nlohmann::json::array();
  for (const trace::LayerInfo& layer : meta.layers)
    layers.push_back({{"layer", layer.layer}, {"experts", layer.experts}, {"k", layer.k}});
  return layers;
}

/// label name -> value -> number of sequences.
base::Result<std::map<std::string, std::map<std::string, std::int64_t>>>
labelCounts(const trace::Trace& trace, std::int64_t& promptTokens) {
  std::map<std::string, std::map<std::string, std::int64_t>> counts;
  const auto reader = SY_TRY(trace.reader());
  SY_TRY(reader->forEachSequence(
      0, trace.sequences(),
      [&](const trace::SequenceInfo& info, const trace::SequenceSize& size) -> base::Result<void> {
        promptTokens += size.promptLength;
        for (const auto& [label, value] : info.labels)
          ++counts[label][value];
        return {};
      }));
  return counts;
}

} // namespace

base::Result<nlohmann::json> traceInfo(const trace::Trace& trace) {
  const trace::TraceMeta& meta = trace.meta();
  std::int64_t promptTokens = 0;
  const auto labels = SY_TRY(labelCounts(trace, promptTokens));
  nlohmann::json options = nlohmann::json::object();
  for (const auto& [key, value] : meta.options)
    options[key] = value;
  return nlohmann::json{
      {"trace", trace.path().string()},
      {"id", trace.id()},
      {"complete", trace.complete()},
      {"notices", trace.notices()},
      {"sequences", trace.sequences()},
      {"tokens", trace.tokens()},
      {"prompt_tokens", promptTokens},
      {"generated_tokens", trace.tokens() - promptTokens},
      {"recorded", trace::describe(trace.columns())},
      {"layers", layersOf(meta)},
      {"file_bytes", trace.fileBytes()},
      {"labels", labels},
      {"model",
       {{"name", meta.modelName},
        {"family", meta.family},
        {"path", meta.modelPath},
        {"fingerprint", meta.modelFingerprint},
        {"router", meta.router},
        {"stack_layers", meta.stackLayers}}},
      {"prompts", {{"path", meta.promptsPath}, {"fingerprint", meta.promptsFingerprint}}},
      {"options", options},
      {"figures", meta.figures},
      {"seed", meta.seed},
      {"recipe", meta.recipe},
      {"program", meta.program},
      {"command", meta.commandLine}};
}

} // namespace switchyard::jobs
