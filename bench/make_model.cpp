#include "bench/make_model.h"

#include <bit>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/rng.h"
#include "core/checkpoint/safetensors_writer.h"

namespace switchyard::bench {

namespace {

struct Spec {
  std::string name;
  std::vector<std::int64_t> shape;
  bool norm = false;
};

std::vector<Spec> tensorsOf(const ModelShape& s) {
  std::vector<Spec> specs;
  const std::int64_t hidden = s.hidden;
  specs.push_back({"model.embed_tokens.weight", {s.vocabulary, hidden}});
  for (int l = 0; l < s.layers; ++l) {
    const std::string layer = fmt::format("model.layers.{}.", l);
    for (const char* norm :
         {"input_layernorm", "post_attention_layernorm", "self_attn.q_norm", "self_attn.k_norm"})
      specs.push_back({layer + norm + ".weight", {hidden}, true});
    for (const char* projection : {"q_proj", "k_proj", "v_proj", "o_proj"})
      specs.push_back({layer + "self_attn." + projection + ".weight", {hidden, hidden}});
    specs.push_back({layer + "mlp.gate.weight", {s.experts, hidden}});
    for (int e = 0; e < s.experts; ++e) {
      const std::string expert = fmt::format("{}mlp.experts.{}.", layer, e);
      specs.push_back({expert + "gate_proj.weight", {s.expertWidth, hidden}});
      specs.push_back({expert + "up_proj.weight", {s.expertWidth, hidden}});
      specs.push_back({expert + "down_proj.weight", {hidden, s.expertWidth}});
    }
  }
  specs.push_back({"model.norm.weight", {hidden}, true});
  specs.push_back({"lm_head.weight", {s.vocabulary, hidden}});
  return specs;
}

std::uint16_t toBf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/// Nearly normal with standard deviation 0.02: the sum of the bytes of two random words, which is
/// fast enough to fill gigabytes.
std::uint16_t weightFrom(std::uint64_t word) {
  int sum = 0;
  for (int byte = 0; byte < 8; ++byte)
    sum += static_cast<int>(word >> (8 * byte) & 0xFF);
  constexpr float kMean = 8 * 127.5f;
  constexpr float kDeviation = 209.0f; // sqrt(8 * (256^2 - 1) / 12)
  return toBf16((static_cast<float>(sum) - kMean) / kDeviation * 0.02f);
}

nlohmann::json configOf(const ModelShape& s) {
  return {{"architectures", {"OlmoeForCausalLM"}},
          {"model_type", "olmoe"},
          {"hidden_size", s.hidden},
          {"intermediate_size", s.expertWidth},
          {"num_hidden_layers", s.layers},
          {"num_attention_heads", s.heads},
          {"num_key_value_heads", s.heads},
          {"num_experts", s.experts},
          {"num_experts_per_tok", s.topK},
          {"norm_topk_prob", false},
          {"vocab_size", s.vocabulary},
          {"max_position_embeddings", s.positions},
          {"rms_norm_eps", 1e-5},
          {"rope_theta", 10000.0},
          {"rope_scaling", nullptr},
          {"clip_qkv", nullptr},
          {"attention_bias", false},
          {"hidden_act", "silu"},
          {"tie_word_embeddings", false},
          {"torch_dtype", "bfloat16"}};
}

} // namespace

std::filesystem::path benchModelFolder() {
  const char* given = std::getenv("SWITCHYARD_BENCH_MODEL");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::temp_directory_path() / "switchyard-bench-olmoe";
}

base::Result<void> makeModel(const std::filesystem::path& folder, const ModelShape& shape,
                             std::uint64_t seed, const base::RunControl& control) {
  nlohmann::json config = configOf(shape);
  config["switchyard_bench_seed"] = seed;
  const std::filesystem::path configPath = folder / "config.json";
  // config.json is written last, so its presence means that the weights are whole.
  const auto existing = base::readTextFile(configPath, 1u << 20);
  if (existing && *existing == config.dump(1))
    return {};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail(base::ErrorCode::Io, "cannot create the folder: " + error.message(),
                      {.file = folder.string()});
  const std::vector<Spec> specs = tensorsOf(shape);
  std::vector<checkpoint::TensorSpec> declared;
  for (const Spec& spec : specs)
    declared.push_back({spec.name, tensor::DType::BF16, spec.shape});
  auto writer =
      SY_TRY(checkpoint::SafetensorsWriter::create(folder / "model.safetensors", declared));
  std::vector<std::uint16_t> values;
  for (std::size_t index = 0; index < specs.size(); ++index) {
    SY_TRY(control.check());
    std::int64_t count = 1;
    for (const std::int64_t dim : specs[index].shape)
      count *= dim;
    values.assign(static_cast<std::size_t>(count), toBf16(1.0f));
    if (!specs[index].norm) {
      base::Rng rng(seed, index);
      for (std::uint16_t& value : values)
        value = weightFrom(rng.nextU64());
    }
    SY_TRY(writer.write(std::as_bytes(std::span(values))));
    control.report(static_cast<std::int64_t>(index) + 1, static_cast<std::int64_t>(specs.size()),
                   "tensors");
  }
  SY_TRY(writer.finish());
  return base::writeFileAtomically(configPath, config.dump(1));
}

std::uint64_t bytesPerDecodedToken(const ModelShape& s) {
  const auto hidden = static_cast<std::uint64_t>(s.hidden);
  const auto layer =
      4 * hidden * hidden + static_cast<std::uint64_t>(s.experts) * hidden +
      static_cast<std::uint64_t>(s.topK) * 3 * hidden * static_cast<std::uint64_t>(s.expertWidth);
  return 2 * (static_cast<std::uint64_t>(s.layers) * layer +
              static_cast<std::uint64_t>(s.vocabulary) * hidden);
}

double flopsPerPrefillToken(const ModelShape& s, int length) {
  const double hidden = s.hidden;
  const double weights =
      4 * hidden * hidden + s.experts * hidden + 3.0 * s.topK * hidden * s.expertWidth;
  const double attention = 2 * hidden * length / 2; // q.k and scores.v over half the square
  return 2 * s.layers * (weights + attention);
}

} // namespace switchyard::bench
