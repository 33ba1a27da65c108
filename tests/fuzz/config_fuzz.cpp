// A config.json. Input: its text.

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/model/config.h"
#include "core/model/rope.h"
#include "tests/fuzz/require.h"

using namespace switchyard;

namespace {

void checkPromises(const model::ModelConfig& config) {
  const auto layers = static_cast<std::size_t>(config.layers);
  tests::require(config.layers > 0 && config.hidden > 0 && config.vocabulary > 0, "sizes");
  tests::require(config.moeLayer.size() == layers && config.window.size() == layers,
                 "each layer is described");
  tests::require(config.moeLayers() > 0, "there is a MoE layer");
  tests::require(config.heads > 0 && config.kvHeads > 0 && config.heads % config.kvHeads == 0,
                 "heads share keys evenly");
  const routing::GateConfig& gate = config.moe.gate;
  tests::require(gate.k > 0 && gate.k <= gate.experts && config.moe.width > 0, "experts");
  tests::require(config.fp8BlockRows > 0 && config.fp8BlockColumns > 0, "FP8 blocks");
  tests::require(std::isfinite(config.attentionScale) && std::isfinite(config.normEps), "finite");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = base::parseJson(text, {.maxBytes = 1u << 20}, {.file = "config.json"});
  if (!json)
    return 0;
  const auto config = model::parseConfig(*json, "config.json");
  if (!config)
    return 0;
  checkPromises(*config);
  const model::RopeTable rope(config->rope);
  std::vector<float> cosines(static_cast<std::size_t>(rope.pairs()));
  std::vector<float> sines(cosines.size());
  for (const long position : {0L, 1L, static_cast<long>(config->maxPositions)})
    rope.angles(position, position + 1, cosines, sines);
  return 0;
}
