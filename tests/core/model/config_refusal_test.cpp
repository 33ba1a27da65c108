// config.json files that must be refused: by a typed error that names the key, before any weight.

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/model/config.h"

namespace switchyard::model {
namespace {

using base::ErrorCode;
using nlohmann::json;

json golden(const std::string& name) {
  std::ifstream file(SY_TEST_DATA "/golden/models/" + name + "/config.json");
  return json::parse(file);
}

/// Parses a golden configuration with one change; it must fail and name the key.
void refused(const std::string& model, const std::string& key, const json& value, ErrorCode code,
             const std::string& named = "") {
  json config = golden(model);
  config[key] = value;
  const auto parsed = parseConfig(config, "config.json");
  ASSERT_FALSE(parsed) << model << " takes " << key << " = " << value;
  EXPECT_EQ(parsed.error().code, code) << parsed.error().describe();
  EXPECT_NE(parsed.error().message.find(named.empty() ? key : named), std::string::npos)
      << parsed.error().describe();
  EXPECT_EQ(parsed.error().where.file, "config.json");
}

void invalid(const std::string& model, const std::string& key, const json& value,
             const std::string& named = "") {
  SCOPED_TRACE(model + " " + key + " " + value.dump());
  refused(model, key, value, ErrorCode::InvalidFormat, named);
}

void unsupported(const std::string& model, const std::string& key, const json& value,
                 const std::string& named = "") {
  SCOPED_TRACE(model + " " + key + " " + value.dump());
  refused(model, key, value, ErrorCode::Unsupported, named);
}

const json kBadIntegers = {0,
                           -1,
                           2147483648,
                           9223372036854775807,
                           18446744073709551615u,
                           1.5,
                           "8",
                           json::array({8}),
                           true,
                           json::object()};

TEST(ConfigRefusal, ExpertCounts) {
  for (const json& bad : kBadIntegers) {
    invalid("deepseek_v3", "n_routed_experts", bad);
    invalid("deepseek_v3", "num_experts_per_tok", bad);
    invalid("ernie4_5_moe", "moe_k", bad);
  }
  invalid("deepseek_v3", "num_experts_per_tok", 17);
  invalid("mixtral", "num_experts_per_tok", 5);
  invalid("mixtral", "num_experts", 5, "num_local_experts"); // two names, two values
  unsupported("phimoe", "num_experts_per_tok", 3);
  json config = golden("dots1");
  config.erase("n_routed_experts");
  EXPECT_FALSE(parseConfig(config, "config.json"));
}

TEST(ConfigRefusal, Groups) {
  invalid("deepseek_v3", "n_group", 3);
  invalid("deepseek_v3", "topk_group", 5);
  invalid("deepseek_v3", "topk_group", 0);
  invalid("deepseek_v3", "n_group", 16, "two best"); // groups of one expert
  invalid("deepseek_v2", "n_group", nullptr);
  unsupported("deepseek_v2", "topk_method", "noaux_tc");
  unsupported("deepseek_v3", "topk_method", "greedy");
  unsupported("deepseek_v2", "scoring_func", "sigmoid");
  unsupported("glm4_moe", "scoring_func", "softmax");
  json config = golden("deepseek_v3");
  config["topk_group"] = 1; // 4 experts kept, 5 wanted
  config["num_experts_per_tok"] = 5;
  EXPECT_FALSE(parseConfig(config, "config.json"));
}

TEST(ConfigRefusal, Sizes) {
  for (const json& bad : kBadIntegers)
    for (const char* key :
         {"num_hidden_layers", "hidden_size", "vocab_size", "head_dim", "num_attention_heads",
          "num_key_value_heads", "max_position_embeddings", "moe_intermediate_size"})
      invalid("dots1", key, bad);
  invalid("dots1", "num_hidden_layers", 1000000000);
  invalid("dots1", "num_key_value_heads", 3);
  invalid("dots1", "head_dim", 15);
  invalid("mixtral", "num_attention_heads", 128); // more heads than hidden
  invalid("deepseek_v3", "kv_lora_rank", -4);
  invalid("deepseek_v3", "q_lora_rank", 0);
  invalid("deepseek_v3", "qk_rope_head_dim", 7);
  unsupported("deepseek_v3", "num_key_value_heads", 2);
  invalid("deepseek_v3", "n_shared_experts", -1);
  json config = golden("dots1");
  config["num_attention_heads"] = 65536;
  config["num_key_value_heads"] = 65536;
  config["head_dim"] = 65536;
  EXPECT_FALSE(parseConfig(config, "config.json"));
}

TEST(ConfigRefusal, DenseAndUnknownArchitecturesNameThemselvesAndWhatIsSupported) {
  for (const char* type : {"llama", "gpt2", "qwen3", "jamba", ""}) {
    const auto parsed =
        parseConfig({{"model_type", type}, {"architectures", {"SomeForCausalLM"}}}, "config.json");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, ErrorCode::Unsupported);
    for (const char* word : {type, "SomeForCausalLM", "qwen3_moe", "deepseek_v3"})
      EXPECT_NE(parsed.error().message.find(word), std::string::npos) << parsed.error().message;
  }
  EXPECT_FALSE(parseConfig(json::object(), "config.json"));
  EXPECT_FALSE(parseConfig(json::array(), "config.json"));
  EXPECT_FALSE(parseConfig(nullptr, "config.json"));
  invalid("mixtral", "model_type", 7);
  invalid("mixtral", "architectures", "MixtralForCausalLM");
  invalid("mixtral", "architectures", {"OlmoeForCausalLM"});
  unsupported("mixtral", "architectures", {"MixtralForSequenceClassification"});
  // A routed family in which every layer is dense.
  unsupported("qwen3_moe", "decoder_sparse_step", 4, "dense");
  unsupported("dots1", "first_k_dense_replace", 3, "dense");
}

TEST(ConfigRefusal, RotaryEmbeddings) {
  const auto rope = [](const json& options) { return json(options); };
  unsupported("mixtral-f16", "rope_scaling", rope({{"type", "su"}, {"factor", 2.0}}), "type");
  unsupported("mixtral", "rope_parameters", rope({{"rope_type", "proportional"}}), "rope_type");
  invalid("mixtral-f16", "rope_scaling", rope({{"type", "linear"}, {"factor", 0}}), "factor");
  invalid("mixtral-f16", "rope_scaling", rope({{"type", "linear"}, {"factor", -2.0}}), "factor");
  invalid("mixtral-f16", "rope_scaling", rope({{"type", "linear"}, {"factor", "nan"}}), "factor");
  invalid("mixtral-f16", "rope_scaling", rope({{"type", "linear"}}), "factor");
  invalid("mixtral-f16", "rope_scaling", "linear");
  invalid("mixtral-f16", "rope_scaling", rope({{"type", 3}}), "type");
  invalid("mixtral-f16", "rope_scaling", rope({{"type", "linear"}, {"factor", 1e-300}}), "factor");
  invalid("deepseek_v3", "rope_parameters",
          rope({{"rope_type", "yarn"}, {"factor", 4.0}, {"mscale_all_dim", 1e38}}),
          "mscale_all_dim");
  invalid("mixtral-f16", "rope_theta", 0);
  invalid("mixtral-f16", "rope_theta", 1e300);
  invalid("mixtral-f16", "rope_theta", -1e4);
  invalid("mixtral-f16", "rope_theta", "nan");
  invalid("mixtral", "rope_theta", 5.0); // rope_parameters says 1e6
  invalid("mixtral-f16", "rope_scaling",
          rope({{"type", "longrope"}, {"short_factor", {1.0}}, {"long_factor", {1.0}}}),
          "short_factor");
  invalid("mixtral-f16", "rope_scaling",
          rope({{"type", "longrope"}, {"short_factor", json::array({1, 1, 1, 1, 1, 1, 1, 0})}}),
          "short_factor");
  invalid(
      "mixtral-f16", "rope_scaling",
      rope({{"type", "llama3"}, {"factor", 8}, {"low_freq_factor", 4}, {"high_freq_factor", 4}}),
      "high_freq_factor");
  unsupported("mixtral-f16", "rope_scaling",
              rope({{"type", "linear"}, {"factor", 2.0}, {"mrope_section", {1, 2}}}),
              "mrope_section");
  unsupported("mixtral", "rope_parameters", rope({{"rope_type", "default"}, {"factor", 2.0}}),
              "factor");
  unsupported("mixtral", "partial_rotary_factor", 0.5);
  invalid("glm4_moe", "partial_rotary_factor", 0.25); // rope_parameters says 0.5
  invalid("phimoe", "rope_parameters", rope({{"rope_type", "linear"}, {"factor", 2.0}}),
          "short_mscale");
  unsupported("mixtral", "rope_parameters",
              rope({{"full_attention", {{"rope_theta", 1e4}}},
                    {"sliding_attention", {{"rope_theta", 1e6}}}}),
              "layer type");
  invalid("mixtral", "rope_scaling", rope({{"type", "linear"}, {"factor", 2.0}}),
          "rope_parameters"); // both layouts, different content
}

TEST(ConfigRefusal, OptionValuesThatAreNotImplemented) {
  unsupported("mixtral", "hidden_act", "gelu");
  invalid("mixtral", "hidden_act", 3);
  unsupported("olmoe", "sliding_window", 16);
  unsupported("olmoe", "layer_types", {"full_attention", "sliding_attention", "full_attention"});
  unsupported("gpt_oss", "layer_types",
              {"full_attention", "chunked_attention", "full_attention", "full_attention"});
  invalid("gpt_oss", "layer_types", {"full_attention"});
  invalid("gpt_oss", "sliding_window", 0);
  invalid("mixtral", "sliding_window", 0);
  invalid("olmoe", "clip_qkv", -1.0);
  invalid("olmoe", "norm_topk_prob", 1);
  invalid("granitemoe", "logits_scaling", 0.0);
  invalid("mixtral", "rms_norm_eps", 0);
  unsupported("ernie4_5_moe", "moe_gate", "top2_fused");
  unsupported("ernie4_5_moe", "moe_gate_act", "sigmoid");
  invalid("ernie4_5_moe", "moe_layer_start_index", {1, 2});
  invalid("ernie4_5_moe", "moe_layer_interval", 0);
  invalid("qwen2_moe", "decoder_sparse_step", 0);
  invalid("qwen2_moe", "mlp_only_layers", {-1});
  invalid("qwen2_moe", "mlp_only_layers", {"1"});
  invalid("mixtral", "eos_token_id", "2");
  invalid("mixtral", "eos_token_id", {2, -5});
}

TEST(ConfigRefusal, KeysThatMayChangeTheNumbersAreNeverIgnored) {
  unsupported("mixtral", "attn_logit_softcapping", 30.0);
  unsupported("mixtral", "attention_bias", true);
  unsupported("qwen3_moe", "shared_expert_intermediate_size", 64);
  unsupported("granitemoe", "shared_intermediate_size", 64);
  unsupported("granitemoe", "position_embedding_type", "nope");
  unsupported("qwen3_moe", "mlp_bias", true);
  unsupported("mixtral", "is_encoder_decoder", true);
  // Switched off, or no matter of the forward pass: taken.
  json config = golden("mixtral");
  config.update({{"attn_logit_softcapping", nullptr},
                 {"attention_bias", false},
                 {"unsloth_version", "2025.1"},
                 {"_name_or_path", "x"},
                 {"top_k", 50},
                 {"temperature", 0.6}});
  const auto parsed = parseConfig(config, "config.json");
  EXPECT_TRUE(parsed) << parsed.error().describe();
}

TEST(ConfigRefusal, Quantization) {
  const auto method = [](const json& options) { return json(options); };
  for (const char* other : {"gptq", "awq", "bitsandbytes", "compressed-tensors", "mxfp4"})
    unsupported("mixtral", "quantization_config", method({{"quant_method", other}}),
                "quant_method");
  unsupported("mixtral", "quantization_config", json::object({{"bits", 4}}), "quant_method");
  invalid("mixtral", "quantization_config", "fp8");
  unsupported("mixtral", "quantization_config", method({{"quant_method", "fp8"}, {"fmt", "e5m2"}}),
              "fmt");
  unsupported("mixtral", "quantization_config",
              method({{"quant_method", "fp8"}, {"activation_scheme", "static"}}),
              "activation_scheme");
  unsupported("mixtral", "quantization_config",
              method({{"quant_method", "fp8"}, {"weight_block_size", nullptr}}),
              "weight_block_size");
  for (const json& bad : {json{128}, json{0, 128}, json{128, -1}, json{128, 9999999}})
    invalid("mixtral", "quantization_config",
            method({{"quant_method", "fp8"}, {"weight_block_size", bad}}), "weight_block_size");
  unsupported("mixtral", "compression_config", json::object({{"format", "x"}}));
}

class ConfigFile : public ::testing::Test {
protected:
  void SetUp() override {
    m_folder = std::filesystem::path(::testing::TempDir()) / "config_refusal_test" /
               ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(m_folder);
  }
  void TearDown() override { std::filesystem::remove_all(m_folder); }

  base::Error failure(const std::string& content) {
    std::ofstream(m_folder / "config.json", std::ios::binary) << content;
    const auto config = readConfig(m_folder);
    EXPECT_FALSE(config) << "it was accepted";
    return config ? base::Error{} : config.error();
  }

  std::filesystem::path m_folder;
};

TEST_F(ConfigFile, OversizedMarkedDuplicatedAndBrokenFilesAreRefused) {
  EXPECT_EQ(failure("").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure("\xEF\xBB\xBF{}").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure(R"({"model_type":"mixtral","model_type":"olmoe"})").code,
            ErrorCode::InvalidFormat);
  EXPECT_EQ(failure(R"({"model_type":"mixtral","rope_theta":NaN})").code, ErrorCode::InvalidFormat);
  EXPECT_EQ(failure(R"({"model_type":"mixtral","rope_theta":1e400})").code,
            ErrorCode::InvalidFormat);
  EXPECT_EQ(failure(std::string(100000, '[')).code, ErrorCode::LimitExceeded);
  std::filesystem::remove(m_folder / "config.json");
  const auto missing = readConfig(m_folder);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
}

TEST_F(ConfigFile, AHugeFileIsRefusedByItsSize) {
  std::ofstream(m_folder / "config.json") << "{}";
  std::filesystem::resize_file(m_folder / "config.json", 500u << 20); // sparse
  const auto config = readConfig(m_folder);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::LimitExceeded);
}

} // namespace
} // namespace switchyard::model
