#include "app/jobs/trace_meta.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/jobs/fingerprint.h"
#include "app/jobs/model_info.h"
#include "core/base/version.h"

namespace switchyard::jobs {

namespace {

trace::GateKind gateKind(routing::Score score) {
  switch (score) {
  case routing::Score::SoftmaxAll:
  case routing::Score::SoftmaxSelected:
    return trace::GateKind::Softmax;
  case routing::Score::Sigmoid:
    return trace::GateKind::Sigmoid;
  case routing::Score::SparseMixer:
    return trace::GateKind::SparseMixer;
  }
  return trace::GateKind::Unknown;
}

bool weightsSumToOne(const routing::GateConfig& gate) {
  const bool normalised =
      gate.score == routing::Score::SoftmaxSelected || gate.renorm == routing::Renorm::Sum;
  return normalised && gate.scale == 1.0f;
}

} // namespace

base::Result<trace::TraceMeta> describeModel(const model::ModelConfig& config,
                                             const std::filesystem::path& folder) {
  trace::TraceMeta meta;
  meta.program = "switchyard " + std::string(base::version());
  meta.family = model::name(config.family);
  const auto name = std::filesystem::absolute(folder).lexically_normal();
  meta.modelName = (name.has_filename() ? name : name.parent_path()).filename().string();
  meta.modelPath = folder.string();
  meta.modelFingerprint = SY_TRY(fingerprintModel(folder));
  meta.stackLayers = config.layers;
  meta.hidden = config.hidden;
  meta.vocabulary = config.vocabulary;
  for (int layer = 0; layer < config.layers; ++layer)
    if (config.moeLayer[static_cast<std::size_t>(layer)])
      meta.layers.push_back({layer, config.moe.gate.experts, config.moe.gate.k});
  meta.gate = gateKind(config.moe.gate.score);
  meta.weightsSumToOne = weightsSumToOne(config.moe.gate);
  meta.router = describeRouter(config);
  std::error_code error;
  if (const auto tokenizer = folder / "tokenizer.json"; std::filesystem::exists(tokenizer, error)) {
    Fingerprint fingerprint;
    SY_TRY(fingerprint.addFile(tokenizer));
    meta.tokenizerFingerprint = fingerprint.hex();
  }
  meta.exactness = "float32 activations on the stored weights; every output of a matrix product is "
                   "one chain of fused multiply-adds, the same bits for any number of threads";
  return meta;
}

void describeSteering(const Steering& steering, std::span<const routing::LayerFacts> facts,
                      trace::TraceMeta& meta) {
  if (!steering.policy)
    return;
  meta.recipe = steering.recipe;
  for (std::size_t i = 0; i < steering.steps.size(); ++i)
    meta.options.emplace_back(fmt::format("recipe-step-{}", i + 1), steering.steps[i]);
  for (std::size_t i = 0; i < meta.layers.size(); ++i)
    meta.layers[i].k = std::max(meta.layers[i].k, steering.policy->maxK(facts[i]));
  meta.gate = trace::GateKind::Unknown;
  meta.weightsSumToOne = false;
  meta.rankOrder = false;
}

} // namespace switchyard::jobs
