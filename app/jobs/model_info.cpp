#include "app/jobs/model_info.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/text.h"
#include "core/checkpoint/checkpoint.h"
#include "core/model/loader.h"

namespace switchyard::jobs {

namespace {

using model::ModelConfig;

std::string_view name(model::RopeKind kind) {
  switch (kind) {
  case model::RopeKind::Default:
    return "default";
  case model::RopeKind::Linear:
    return "linear";
  case model::RopeKind::Dynamic:
    return "dynamic";
  case model::RopeKind::Yarn:
    return "yarn";
  case model::RopeKind::LongRope:
    return "longrope";
  case model::RopeKind::Llama3:
    return "llama3";
  }
  return "default";
}

nlohmann::json tokenizerInfo(const std::filesystem::path& folder) {
  const auto tokenizer = loadTokenizer(folder);
  if (tokenizer)
    return {{"vocabulary", tokenizer->vocabularySize()}};
  // A model without a usable tokenizer still runs token ids; say why text cannot be used.
  return {{"problem", tokenizer.error().describe()}};
}

/// Bytes of the tensors, and the dtype that holds most of them.
std::pair<std::uint64_t, std::string> storage(const checkpoint::Checkpoint& checkpoint) {
  std::map<std::string_view, std::uint64_t> byDType;
  for (const checkpoint::TensorInfo& info : checkpoint.tensors())
    byDType[tensor::name(info.dtype)] += info.bytes();
  std::uint64_t total = 0;
  std::uint64_t most = 0;
  std::string_view dtype;
  for (const auto& [name, bytes] : byDType) {
    total += bytes;
    if (bytes > most) {
      most = bytes;
      dtype = name;
    }
  }
  return {total, std::string(dtype)};
}

} // namespace

std::string describeRouter(const ModelConfig& config) {
  const routing::GateConfig& gate = config.moe.gate;
  std::string text;
  switch (gate.score) {
  case routing::Score::SoftmaxAll:
    text = "softmax over all";
    break;
  case routing::Score::SoftmaxSelected:
    text = "softmax over the selected";
    break;
  case routing::Score::Sigmoid:
    text = "sigmoid";
    break;
  case routing::Score::SparseMixer:
    text = "SparseMixer";
    break;
  }
  if (config.moe.routerBias)
    text += ", router bias";
  if (config.moe.choiceBias)
    text += ", choice bias";
  if (gate.groups > 1)
    text += fmt::format(", best {} of {} groups", gate.groupsKept, gate.groups);
  text += fmt::format(", top-{}", gate.k);
  if (gate.renorm != routing::Renorm::None)
    text += ", renormalised";
  if (gate.scale != 1.0f)
    text += fmt::format(", scaled by {}", gate.scale);
  return text;
}

base::Result<nlohmann::json> modelInfo(const std::filesystem::path& folder) {
  const ModelConfig config = SY_TRY(model::readConfig(folder));
  const auto checkpoint = SY_TRY(checkpoint::Checkpoint::open(folder));
  const model::LoadPlanFacts facts = SY_TRY(model::inspectWeights(checkpoint, config));
  const auto [bytes, dtype] = storage(checkpoint);
  std::vector<int> dense;
  for (int layer = 0; layer < config.layers; ++layer)
    if (!config.moeLayer[static_cast<std::size_t>(layer)])
      dense.push_back(layer);
  const bool windows = std::ranges::any_of(config.window, [](int window) { return window > 0; });
  return nlohmann::json{
      {"family", model::name(config.family)},
      {"architecture", config.architecture},
      {"layers", config.layers},
      {"dense_layers", dense},
      {"hidden", config.hidden},
      {"heads", config.heads},
      {"kv_heads", config.kvHeads},
      {"head_dim", config.headDim},
      {"attention", config.attention == model::AttentionKind::Mla ? "latent" : "grouped-query"},
      {"sliding_window", windows},
      {"rope", name(config.rope.kind)},
      {"experts", config.moe.gate.experts},
      {"experts_per_token", config.moe.gate.k},
      {"expert_width", config.moe.width},
      {"shared_expert_width", config.moe.sharedWidth},
      {"router", describeRouter(config)},
      {"vocabulary", config.vocabulary},
      {"positions", config.maxPositions},
      {"parameters", facts.parameters},
      {"active_parameters", facts.activeParameters},
      {"dtype", dtype},
      {"file_bytes", bytes},
      {"memory_bytes", facts.weightBytes},
      {"tokenizer", tokenizerInfo(folder)}};
}

} // namespace switchyard::jobs
