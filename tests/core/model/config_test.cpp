// config.json: what the families' keys mean, older and newer layouts, defaults.

#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/model/config.h"

namespace switchyard::model {
namespace {

using nlohmann::json;

json load(const std::string& path) {
  std::ifstream file(SY_TEST_DATA "/golden/" + path);
  return json::parse(file);
}

ModelConfig parse(const json& config) {
  auto parsed = parseConfig(config, "config.json");
  EXPECT_TRUE(parsed) << parsed.error().describe() << "\n" << config.dump();
  return parsed ? *parsed : ModelConfig{};
}

json small(const std::string& family) {
  return {{"model_type", family},     {"num_hidden_layers", 6}, {"num_experts", 8},
          {"num_experts_per_tok", 2}, {"hidden_size", 64},      {"num_attention_heads", 4},
          {"num_key_value_heads", 2}, {"n_group", 1},           {"topk_group", 1}};
}

json with(json base, const json& changes) {
  base.update(changes);
  return base;
}

void expectEqual(const ModelConfig& a, const ModelConfig& b) {
  EXPECT_EQ(a.layers, b.layers);
  EXPECT_EQ(a.hidden, b.hidden);
  EXPECT_EQ(a.vocabulary, b.vocabulary);
  EXPECT_EQ(a.heads, b.heads);
  EXPECT_EQ(a.kvHeads, b.kvHeads);
  EXPECT_EQ(a.headDim, b.headDim);
  EXPECT_EQ(a.maxPositions, b.maxPositions);
  EXPECT_EQ(a.mla.qLoraRank, b.mla.qLoraRank);
  EXPECT_EQ(a.mla.kvLoraRank, b.mla.kvLoraRank);
  EXPECT_EQ(a.mla.nopeDim, b.mla.nopeDim);
  EXPECT_EQ(a.mla.ropeDim, b.mla.ropeDim);
  EXPECT_EQ(a.mla.valueDim, b.mla.valueDim);
  EXPECT_EQ(a.qkvBias, b.qkvBias);
  EXPECT_EQ(a.outputBias, b.outputBias);
  EXPECT_EQ(a.qkvABias, b.qkvABias);
  EXPECT_EQ(a.qkNorm, b.qkNorm);
  EXPECT_EQ(a.clipQkv, b.clipQkv);
  EXPECT_EQ(a.attentionScale, b.attentionScale);
  EXPECT_EQ(a.window, b.window);
  EXPECT_EQ(a.rope.kind, b.rope.kind);
  EXPECT_EQ(a.rope.theta, b.rope.theta);
  EXPECT_EQ(a.rope.factor, b.rope.factor);
  EXPECT_EQ(a.rope.rotaryDim, b.rope.rotaryDim);
  EXPECT_EQ(a.rope.interleaved, b.rope.interleaved);
  EXPECT_EQ(a.rope.truncate, b.rope.truncate);
  EXPECT_EQ(a.rope.originalMaxPositions, b.rope.originalMaxPositions);
  EXPECT_EQ(a.normEps, b.normEps);
  EXPECT_EQ(a.embeddingMultiplier, b.embeddingMultiplier);
  EXPECT_EQ(a.residualMultiplier, b.residualMultiplier);
  EXPECT_EQ(a.logitsDivisor, b.logitsDivisor);
  EXPECT_EQ(a.tiedEmbeddings, b.tiedEmbeddings);
  EXPECT_EQ(a.lmHeadBias, b.lmHeadBias);
  EXPECT_EQ(a.predictionLayers, b.predictionLayers);
  EXPECT_EQ(a.moeLayer, b.moeLayer);
  EXPECT_EQ(a.denseWidth, b.denseWidth);
  EXPECT_EQ(a.mlpBias, b.mlpBias);
  EXPECT_EQ(a.moe.width, b.moe.width);
  EXPECT_EQ(a.moe.sharedWidth, b.moe.sharedWidth);
  EXPECT_EQ(a.moe.shared, b.moe.shared);
  EXPECT_EQ(a.moe.gluAlpha, b.moe.gluAlpha);
  EXPECT_EQ(a.moe.gluLimit, b.moe.gluLimit);
  EXPECT_EQ(a.moe.gate.experts, b.moe.gate.experts);
  EXPECT_EQ(a.moe.gate.k, b.moe.gate.k);
  EXPECT_EQ(a.moe.gate.groupScore, b.moe.gate.groupScore);
  EXPECT_EQ(a.moe.gate.groups, b.moe.gate.groups);
  EXPECT_EQ(a.moe.gate.groupsKept, b.moe.gate.groupsKept);
  EXPECT_EQ(a.moe.gate.renorm, b.moe.gate.renorm);
  EXPECT_EQ(a.moe.gate.renormEps, b.moe.gate.renormEps);
  EXPECT_EQ(a.moe.gate.scale, b.moe.gate.scale);
  EXPECT_EQ(a.moe.gate.jitter, b.moe.gate.jitter);
  EXPECT_EQ(a.eosTokens, b.eosTokens);
  EXPECT_EQ(a.bosToken, b.bosToken);
}

TEST(Config, MissingKeysMeanTheDefaultsOfTransformers) {
  const json golden = load("config/defaults.json");
  int families = 0;
  for (const auto& entry : golden.at("families").items()) {
    SCOPED_TRACE(entry.key());
    expectEqual(parse(entry.value().at("given")), parse(entry.value().at("full")));
    ++families;
  }
  EXPECT_EQ(families, 13);
}

TEST(Config, EveryGoldenCheckpointIsUnderstood) {
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SY_TEST_DATA "/golden/models"))
    if (entry.is_directory()) {
      const auto config = readConfig(entry.path());
      ASSERT_TRUE(config) << config.error().describe();
      EXPECT_EQ(config->vocabulary, 320);
      EXPECT_TRUE(entry.path().filename().string().starts_with(name(config->family)));
      ++models;
    }
  EXPECT_EQ(models, 19);
}

TEST(Config, FactsOfDeepseekV3) {
  const ModelConfig config = parse(load("models/deepseek_v3/config.json"));
  EXPECT_EQ(config.family, Family::DeepseekV3);
  EXPECT_EQ(config.attention, AttentionKind::Mla);
  EXPECT_EQ(config.headDim, 24);
  EXPECT_EQ(config.mla.qLoraRank, 24);
  EXPECT_EQ(config.moeLayer, (std::vector<bool>{false, true, true}));
  EXPECT_EQ(config.moe.gate.score, routing::Score::Sigmoid);
  EXPECT_EQ(config.moe.gate.groupScore, routing::GroupScore::Top2Sum);
  EXPECT_EQ(config.moe.gate.groups, 4);
  EXPECT_EQ(config.moe.gate.groupsKept, 2);
  EXPECT_FLOAT_EQ(config.moe.gate.scale, 2.5f);
  EXPECT_TRUE(config.moe.choiceBias);
  EXPECT_EQ(config.predictionLayers, 1);
  EXPECT_TRUE(config.rope.interleaved);
  EXPECT_EQ(config.rope.rotaryDim, 8);
  // 1/sqrt(24) * (0.1 ln 4 + 1)^2
  EXPECT_NEAR(config.attentionScale, 0.2041241 * 1.1386294 * 1.1386294, 1e-6);
}

TEST(Config, OlderAndNewerLayoutsMeanTheSame) {
  const json newer = with(small("mixtral"), {{"dtype", "bfloat16"},
                                             {"rope_parameters",
                                              {{"rope_type", "yarn"},
                                               {"rope_theta", 5000.0},
                                               {"factor", 4.0},
                                               {"original_max_position_embeddings", 32}}}});
  const json older =
      with(small("mixtral"),
           {{"torch_dtype", "bfloat16"},
            {"rope_theta", 5000.0},
            {"rope_scaling",
             {{"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 32}}}});
  expectEqual(parse(newer), parse(older));
  EXPECT_EQ(parse(newer).rope.kind, RopeKind::Yarn);
  EXPECT_EQ(parse(newer).dtype, parse(older).dtype);
  const json byType =
      with(small("mixtral"), {{"rope_parameters",
                               {{"full_attention", newer.at("rope_parameters")},
                                {"sliding_attention", newer.at("rope_parameters")}}}});
  expectEqual(parse(newer), parse(byType));
}

TEST(Config, EveryNameOfTheExpertCountsIsRead) {
  for (const char* experts :
       {"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"})
    for (const char* k : {"num_experts_per_tok", "moe_k", "experts_per_token"}) {
      json config = {{"model_type", "qwen3_moe"}, {experts, 12}, {k, 3}};
      EXPECT_EQ(parse(config).moe.gate.experts, 12);
      EXPECT_EQ(parse(config).moe.gate.k, 3);
    }
}

TEST(Config, MultimodalWrappersAreResolved) {
  const json inner = small("qwen3_moe");
  const json outer = {{"model_type", "some_vision_model"},
                      {"architectures", {"SomeForConditionalGeneration"}},
                      {"text_config", inner},
                      {"vision_config", {{"hidden_size", 8}}},
                      {"tie_word_embeddings", true},
                      {"eos_token_id", {3, 4}}};
  const ModelConfig config = parse(outer);
  EXPECT_EQ(config.family, Family::Qwen3Moe);
  EXPECT_TRUE(config.nested);
  EXPECT_TRUE(config.tiedEmbeddings);
  EXPECT_EQ(config.eosTokens, (std::vector<std::int32_t>{3, 4}));
  EXPECT_EQ(config.layers, 6);
}

TEST(Config, TheArchitectureStandsInForAMissingModelType) {
  json config = small("ernie4_5_moe");
  config.erase("model_type");
  config["architectures"] = {"Ernie4_5_MoeForCausalLM"};
  EXPECT_EQ(parse(config).family, Family::Ernie45Moe);
}

TEST(Config, RoutedLayersFollowEachFamilysRule) {
  const auto routed = [](const json& config) {
    std::vector<int> layers;
    const ModelConfig parsed = parse(config);
    for (int i = 0; i < parsed.layers; ++i)
      if (parsed.moeLayer[static_cast<std::size_t>(i)])
        layers.push_back(i);
    return layers;
  };
  using Layers = std::vector<int>;
  EXPECT_EQ(routed(small("mixtral")), (Layers{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(routed(with(small("qwen3_moe"), {{"decoder_sparse_step", 2}})), (Layers{1, 3, 5}));
  EXPECT_EQ(routed(with(small("qwen2_moe"), {{"mlp_only_layers", {0, 4, 9}}})),
            (Layers{1, 2, 3, 5}));
  EXPECT_EQ(
      routed(with(small("qwen2_moe"), {{"decoder_sparse_step", 3}, {"mlp_only_layers", {2}}})),
      (Layers{5}));
  EXPECT_EQ(routed(with(small("dots1"), {{"first_k_dense_replace", 2}})), (Layers{2, 3, 4, 5}));
  EXPECT_EQ(routed(with(small("glm4_moe"), {{"moe_layer_freq", 2}})), (Layers{2, 4}));
  const json ernie = small("ernie4_5_moe");
  EXPECT_EQ(routed(ernie), (Layers{1, 2, 3, 4, 5}));
  EXPECT_EQ(routed(with(ernie, {{"moe_layer_interval", 2}})), (Layers{1, 3, 5}));
  EXPECT_EQ(routed(with(ernie, {{"moe_layer_start_index", 2}, {"moe_layer_end_index", 4}})),
            (Layers{2, 3, 4}));
}

TEST(Config, WindowsFollowEachFamilysRule) {
  using Windows = std::vector<int>;
  const auto windows = [](const std::string& family, const json& changes) {
    return parse(with(small(family), changes)).window;
  };
  EXPECT_EQ(windows("mixtral", json::object()), Windows(6, 0));
  EXPECT_EQ(windows("mixtral", {{"sliding_window", 9}}), Windows(6, 9));
  EXPECT_EQ(windows("phimoe", {{"sliding_window", 9}}), Windows(6, 9));
  EXPECT_EQ(windows("qwen3_moe", {{"sliding_window", 9}}), Windows(6, 0));
  EXPECT_EQ(windows("qwen3_moe", {{"sliding_window", 9}, {"use_sliding_window", true}}),
            Windows(6, 9));
  EXPECT_EQ(
      windows("qwen2_moe",
              {{"sliding_window", 9}, {"use_sliding_window", true}, {"max_window_layers", 4}}),
      (Windows{9, 0, 9, 0, 0, 0}));
  EXPECT_EQ(windows("dots1", {{"sliding_window", 9}, {"max_window_layers", 4}}),
            (Windows{0, 0, 0, 0, 9, 9}));
  EXPECT_EQ(windows("dots1", {{"sliding_window", nullptr}, {"max_window_layers", 4}}),
            Windows(6, 0));
  EXPECT_EQ(windows("gpt_oss", {{"sliding_window", 9}}), (Windows{9, 0, 9, 0, 9, 0}));
  EXPECT_EQ(windows("gpt_oss",
                    {{"sliding_window", 9},
                     {"num_hidden_layers", 3},
                     {"layer_types", {"full_attention", "full_attention", "sliding_attention"}}}),
            (Windows{0, 0, 9}));
  // A window as long as the context is none.
  EXPECT_EQ(windows("olmoe", {{"sliding_window", 4096}}), Windows(6, 0));
}

TEST(Config, BiasesFollowEachFamilysKeys) {
  const ModelConfig glm = parse(with(small("glm4_moe"), {{"attention_bias", true}}));
  EXPECT_TRUE(glm.qkvBias);
  EXPECT_FALSE(glm.outputBias);
  EXPECT_EQ(glm.qkNorm, QkNorm::None);
  EXPECT_EQ(parse(with(small("glm4_moe"), {{"use_qk_norm", true}})).qkNorm, QkNorm::Head);
  const ModelConfig qwen = parse(with(small("qwen3_moe"), {{"attention_bias", true}}));
  EXPECT_TRUE(qwen.qkvBias);
  EXPECT_TRUE(qwen.outputBias);
  const ModelConfig qwen2 = parse(small("qwen2_moe"));
  EXPECT_TRUE(qwen2.qkvBias);
  EXPECT_FALSE(qwen2.outputBias);
  EXPECT_FALSE(parse(with(small("qwen2_moe"), {{"qkv_bias", false}})).qkvBias);
  const ModelConfig ernie = parse(with(small("ernie4_5_moe"), {{"use_bias", true}}));
  EXPECT_TRUE(ernie.qkvBias && ernie.outputBias && ernie.mlpBias);
}

TEST(Config, NullMeansNoLoraOnQueries) {
  json config = load("models/deepseek_v3/config.json");
  config["q_lora_rank"] = nullptr;
  EXPECT_EQ(parse(config).mla.qLoraRank, 0);
  config.erase("q_lora_rank");
  EXPECT_EQ(parse(config).mla.qLoraRank, 1536);
}

TEST(Config, NullMeansNoSharedExperts) {
  EXPECT_EQ(parse(small("glm4_moe")).moe.shared, SharedKind::Plain);
  const json none = with(small("glm4_moe"), {{"n_shared_experts", nullptr}});
  EXPECT_EQ(parse(none).moe.shared, SharedKind::None);
  EXPECT_EQ(parse(none).moe.sharedWidth, 0);
}

TEST(Config, PublishedKeysOfRemoteCodeAreUnderstood) {
  const ModelConfig v3 = parse(with(load("models/deepseek_v3/config.json"),
                                    {{"topk_method", "noaux_tc"},
                                     {"scoring_func", "sigmoid"},
                                     {"moe_layer_freq", 1},
                                     {"ep_size", 1},
                                     {"seq_aux", true},
                                     {"aux_loss_alpha", 0.001},
                                     {"auto_map", {{"AutoConfig", "configuration.X"}}}}));
  EXPECT_EQ(v3.moe.gate.groups, 4);
  EXPECT_EQ(parse(with(small("dots1"), {{"scoring_func", "noaux_tc"}})).moe.gate.score,
            routing::Score::Sigmoid);
  const ModelConfig oss = parse(
      with(small("gpt_oss"),
           {{"experts_per_token", 2}, {"initial_context_length", 4096}, {"swiglu_limit", 5.0}}));
  EXPECT_FLOAT_EQ(oss.moe.gluLimit, 5.0f);
}

TEST(Config, ScalingReachesBeyondTheTrainedLength) {
  json config = with(small("mixtral"), {{"max_position_embeddings", 64},
                                        {"rope_scaling", {{"type", "dynamic"}, {"factor", 4.0}}}});
  EXPECT_EQ(parse(config).maxPositions, 256);
  config["rope_scaling"] = {
      {"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 32}};
  EXPECT_EQ(parse(config).maxPositions, 128);
}

} // namespace
} // namespace switchyard::model
