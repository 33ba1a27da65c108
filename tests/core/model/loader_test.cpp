// Checkpoints that contradict their config.json, or hold what cannot be run.

#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/checkpoint/checkpoint.h"
#include "core/model/loader.h"
#include "core/model/model.h"

namespace switchyard::model {
namespace {

using base::ErrorCode;

/// A copy of a golden checkpoint to be damaged.
class LoaderTest : public ::testing::Test {
protected:
  void SetUp() override {
    m_folder = std::filesystem::path(::testing::TempDir()) / "loader_test" /
               ::testing::UnitTest::GetInstance()->current_test_info()->name();
    use("qwen3_moe");
  }
  void TearDown() override { std::filesystem::remove_all(m_folder); }

  void use(const std::string& golden) {
    std::filesystem::remove_all(m_folder);
    std::filesystem::create_directories(m_folder);
    const std::filesystem::path source =
        std::filesystem::path(SY_TEST_DATA) / "golden" / "models" / golden;
    for (const char* name : {"config.json", "model.safetensors"})
      std::filesystem::copy_file(source / name, m_folder / name);
    std::filesystem::permissions(m_folder / "model.safetensors",
                                 std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
  }

  void change(const std::string& key, const nlohmann::json& value) {
    std::ifstream in(m_folder / "config.json");
    nlohmann::json config = nlohmann::json::parse(in);
    in.close();
    config[key] = value;
    std::filesystem::remove(m_folder / "config.json");
    std::ofstream(m_folder / "config.json") << config.dump();
  }

  /// Overwrites the first element of an F32 tensor.
  void patch(const std::string& tensor, float value) {
    std::fstream file(m_folder / "model.safetensors",
                      std::ios::in | std::ios::out | std::ios::binary);
    std::uint64_t size = 0;
    file.read(reinterpret_cast<char*>(&size), sizeof size);
    std::string header(size, '\0');
    file.read(header.data(), static_cast<std::streamsize>(size));
    const auto offset = nlohmann::json::parse(header).at(tensor).at("data_offsets").at(0);
    file.seekp(static_cast<std::streamoff>(8 + size + offset.get<std::uint64_t>()));
    file.write(reinterpret_cast<const char*>(&value), sizeof value);
  }

  base::Error failure(const LoadOptions& options = {}) {
    const base::ThreadContext threads(1);
    auto model = Model::load(m_folder, threads, options);
    EXPECT_FALSE(model) << "it loaded";
    return model ? base::Error{} : model.error();
  }

  std::filesystem::path m_folder;
};

TEST_F(LoaderTest, TheUnchangedCopyLoads) {
  const base::ThreadContext threads(1);
  const auto model = Model::load(m_folder, threads);
  ASSERT_TRUE(model) << model.error().describe();
}

TEST_F(LoaderTest, AMissingLayerNamesItsTensor) {
  change("num_hidden_layers", 4);
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::NotFound);
  EXPECT_TRUE(error.where.tensor.starts_with("model.layers.3.")) << error.describe();
}

TEST_F(LoaderTest, LayersBeyondTheConfigAreNotDroppedSilently) {
  change("num_hidden_layers", 2);
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::InvalidFormat);
  EXPECT_TRUE(error.where.tensor.starts_with("model.layers.2.")) << error.describe();
}

TEST_F(LoaderTest, AWrongShapeSaysBothShapes) {
  change("moe_intermediate_size", 48);
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::InvalidFormat);
  EXPECT_NE(error.message.find("[32, 64]"), std::string::npos) << error.describe();
  EXPECT_NE(error.message.find("[48, 64]"), std::string::npos) << error.describe();
}

TEST_F(LoaderTest, HeadsThatDoNotFitTheProjectionsAreRefused) {
  change("num_attention_heads", 8);
  EXPECT_EQ(failure().code, ErrorCode::InvalidFormat);
}

TEST_F(LoaderTest, FewerExpertsThanStoredAreRefused) {
  change("num_local_experts", 7);
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::InvalidFormat) << error.describe();
}

TEST_F(LoaderTest, ATensorThatNobodyUsesIsRefused) {
  use("qwen2_moe");
  change("shared_expert_intermediate_size", 48);
  change("qkv_bias", false); // the biases in the file would be ignored
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::Unsupported) << error.describe();
  EXPECT_NE(error.where.tensor.find("bias"), std::string::npos);
}

TEST_F(LoaderTest, NaNAndInfinityInARouterAreRefused) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    patch("model.layers.1.mlp.gate.weight", bad);
    const base::Error error = failure();
    EXPECT_EQ(error.code, ErrorCode::NonFinite);
    EXPECT_EQ(error.where.tensor, "model.layers.1.mlp.gate.weight");
  }
}

TEST_F(LoaderTest, NaNInTheBiasesOfARouterIsRefused) {
  use("gpt_oss");
  patch("model.layers.1.mlp.router.bias", std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(failure().code, ErrorCode::NonFinite);
  use("dots1");
  patch("model.layers.1.mlp.gate.e_score_correction_bias", std::numeric_limits<float>::infinity());
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::NonFinite);
  EXPECT_EQ(error.where.tensor, "model.layers.1.mlp.gate.e_score_correction_bias");
}

TEST_F(LoaderTest, ANaNElsewhereIsReportedWhereRoutingMeetsIt) {
  patch("model.layers.0.post_attention_layernorm.weight", std::numeric_limits<float>::quiet_NaN());
  const base::ThreadContext threads(1);
  const auto model = Model::load(m_folder, threads);
  ASSERT_TRUE(model);
  auto cache = KvCache::create((*model)->config(), 4);
  const base::TokenId token(5);
  const Segment segment{.cache = &*cache, .tokens = {&token, 1}};
  Workspace work;
  const auto run = (*model)->forward({&segment, 1}, {.threads = threads}, work);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, ErrorCode::NonFinite);
  EXPECT_EQ(run.error().where.layer, base::LayerId(0));
  EXPECT_EQ(cache->length(), 0);
}

TEST_F(LoaderTest, TheMemoryLimitIsKeptBeforeReading) {
  const base::Error error = failure({.maxMemory = 1000});
  EXPECT_EQ(error.code, ErrorCode::LimitExceeded);
}

TEST_F(LoaderTest, TokensOutsideTheVocabularyAreRefused) {
  const base::ThreadContext threads(1);
  const auto model = Model::load(m_folder, threads);
  ASSERT_TRUE(model);
  auto cache = KvCache::create((*model)->config(), 4);
  for (const std::int32_t bad : {-1, 320}) {
    const base::TokenId token(bad);
    const Segment segment{.cache = &*cache, .tokens = {&token, 1}};
    Workspace work;
    const auto run = (*model)->forward({&segment, 1}, {.threads = threads}, work);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().code, ErrorCode::InvalidArgument);
  }
}

TEST_F(LoaderTest, ParametersAreCountedFromShapes) {
  // By hand for qwen3_moe: vocabulary 320, hidden 64, 3 layers, 4 heads of 24, 2 kv heads, 8
  // experts of 32, top-2.
  const std::uint64_t attention = 64 * (96 + 48 + 48) + 96 * 64 + 2 * 24;
  const std::uint64_t expert = 3 * 32 * 64;
  const std::uint64_t rest = 2 * 320 * 64 + 64;
  const std::uint64_t layer = attention + 2 * 64 + 8 * 64;
  const auto config = readConfig(m_folder);
  ASSERT_TRUE(config);
  const auto checkpoint = checkpoint::Checkpoint::open(m_folder);
  ASSERT_TRUE(checkpoint);
  const auto facts = inspectWeights(*checkpoint, *config);
  ASSERT_TRUE(facts) << facts.error().describe();
  EXPECT_EQ(facts->parameters, rest + 3 * (layer + 8 * expert));
  EXPECT_EQ(facts->activeParameters, rest + 3 * (layer + 2 * expert));
}

} // namespace
} // namespace switchyard::model
