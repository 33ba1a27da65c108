// Router-offset gradients of every golden checkpoint and of the demo model, as the reference
// implementation's automatic differentiation has them.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include "core/routing/recipe.h"
#include "tests/core/model/gradient_run.h"
#include "tests/support/reference.h"

namespace switchyard::model {
namespace {

using test::GradientRun;
using test::loadModel;
using test::offsetCount;
using test::runGradient;
using test::tokenIds;
using tests::Reference;

const base::ThreadContext& threads() {
  static const base::ThreadContext context(2);
  return context;
}

std::vector<std::string> modelFolders() {
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(SY_TEST_DATA "/golden/models"))
    if (entry.is_directory())
      folders.push_back(entry.path().filename().string());
  std::ranges::sort(folders);
  return folders;
}

class GoldenGradient : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenGradient, MatchesAutomaticDifferentiation) {
  const std::filesystem::path folder =
      std::filesystem::path(SY_TEST_DATA "/golden/models") / GetParam();
  const auto model = loadModel(folder, threads());
  ASSERT_TRUE(model);
  const Reference reference(folder / "reference.safetensors");
  const auto experts = static_cast<std::size_t>(model->config().moe.gate.experts);
  int layersWithGradient = 0;
  for (int prompt = 0; reference.has("p" + std::to_string(prompt) + ".ids"); ++prompt) {
    const std::string p = "p" + std::to_string(prompt) + ".";
    SCOPED_TRACE(p);
    const auto run = runGradient(*model, threads(), tokenIds(reference.integers(p + "ids")));
    EXPECT_NEAR(run.loss, reference.floats(p + "loss")[0], 1e-4);
    for (std::size_t moe = 0; moe < model->layerFacts().size(); ++moe) {
      const std::string key =
          p + "l" + std::to_string(model->layerFacts()[moe].layer.value) + ".grad";
      const std::vector<float> got(
          run.gradient.begin() + static_cast<std::ptrdiff_t>(moe * experts),
          run.gradient.begin() + static_cast<std::ptrdiff_t>((moe + 1) * experts));
      if (!reference.has(key)) {
        EXPECT_EQ(tests::largestMagnitude(got), 0.0) << key;
        continue;
      }
      const auto want = reference.floats(key);
      EXPECT_LE(tests::largestDifference(got, want), 1e-3 * tests::largestMagnitude(want)) << key;
      ++layersWithGradient;
    }
  }
  EXPECT_GT(layersWithGradient, 0);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenGradient, ::testing::ValuesIn(modelFolders()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::ranges::replace_if(
                               name, [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

TEST(DemoGradient, MatchesDoublePrecisionDifferentiation) {
  const auto model = loadModel(SY_DATA "/demo-model", threads());
  ASSERT_TRUE(model);
  const Reference reference(SY_TEST_DATA "/golden/demo/gradient.safetensors");
  int prompts = 0;
  for (; reference.has("g" + std::to_string(prompts) + ".ids"); ++prompts) {
    const std::string g = "g" + std::to_string(prompts) + ".";
    SCOPED_TRACE(g);
    const auto run = runGradient(*model, threads(), tokenIds(reference.integers(g + "ids")));
    const auto want = reference.floats(g + "grad");
    EXPECT_NEAR(run.loss, reference.floats(g + "loss")[0], 1e-5);
    EXPECT_LE(tests::largestDifference(run.gradient, want), 1e-4 * tests::largestMagnitude(want));
  }
  EXPECT_EQ(prompts, 3);
}

class BackwardOfOneModel : public ::testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    const auto folder = std::filesystem::path(SY_TEST_DATA "/golden/models") / GetParam();
    m_model = loadModel(folder, threads());
    ASSERT_TRUE(m_model);
    m_tokens = tokenIds(Reference(folder / "reference.safetensors").integers("p1.ids"));
    for (std::size_t i = 0; i < offsetCount(*m_model); ++i)
      m_offsets.push_back(0.02f * static_cast<float>(i % 5) - 0.04f);
  }

  std::shared_ptr<const Model> m_model;
  std::vector<base::TokenId> m_tokens;
  std::vector<float> m_offsets;
};

TEST_P(BackwardOfOneModel, ThreadsAndUsedBuffersChangeNoBit) {
  const base::ThreadContext one(1);
  const base::ThreadContext three(3);
  const GradientRun expected = runGradient(*m_model, one, m_tokens, m_offsets);
  const GradientRun other = runGradient(*m_model, three, m_tokens, m_offsets);
  EXPECT_EQ(expected.loss, other.loss);
  EXPECT_EQ(expected.gradient, other.gradient);
  GradientWorkspace used;
  std::vector<float> gradient(m_offsets.size());
  for (const std::size_t count : {m_tokens.size() / 2, m_tokens.size(), std::size_t{2}}) {
    const auto tokens = std::span<const base::TokenId>(m_tokens).first(count);
    const auto loss = routerGradient(*m_model, {.threads = one},
                                     {.tokens = tokens, .offsets = m_offsets}, used, gradient);
    ASSERT_TRUE(loss);
    const GradientRun fresh = runGradient(*m_model, one, tokens, m_offsets);
    EXPECT_EQ(*loss, fresh.loss);
    EXPECT_EQ(gradient, fresh.gradient);
  }
}

INSTANTIATE_TEST_SUITE_P(Some, BackwardOfOneModel,
                         ::testing::Values("qwen2_moe", "gpt_oss", "deepseek_v3"),
                         [](const auto& info) { return std::string(info.param); });

class BadGradientRequest : public ::testing::Test {
protected:
  void SetUp() override {
    m_model = loadModel(SY_TEST_DATA "/golden/models/mixtral", threads());
    ASSERT_TRUE(m_model);
    m_gradient.resize(offsetCount(*m_model));
  }

  base::Error failure(const std::vector<std::int64_t>& tokens, std::span<const float> offsets = {},
                      std::stop_token stop = {}) {
    GradientWorkspace buffers;
    const auto ids = tokenIds(tokens);
    const auto loss = routerGradient(*m_model, {.threads = threads(), .stop = std::move(stop)},
                                     {.tokens = ids, .offsets = offsets}, buffers, m_gradient);
    EXPECT_FALSE(loss);
    return loss ? base::Error{} : loss.error();
  }

  std::shared_ptr<const Model> m_model;
  std::vector<float> m_gradient;
};

TEST_F(BadGradientRequest, IsRefusedWithItsReason) {
  using base::ErrorCode;
  EXPECT_EQ(failure({}).code, ErrorCode::InvalidArgument);
  EXPECT_EQ(failure({1}).code, ErrorCode::InvalidArgument);
  for (const auto& tokens : {std::vector<std::int64_t>{1, -1, 2}, {1, 2, 320}, {320, 1}, {1, -5}})
    EXPECT_EQ(failure(tokens).code, ErrorCode::InvalidArgument);
  EXPECT_EQ(failure({1, 2, 320}).where.token, base::TokenPos(2));
  const auto positions = static_cast<std::size_t>(m_model->config().maxPositions);
  EXPECT_EQ(failure(std::vector<std::int64_t>(positions + 1, 1)).code, ErrorCode::LimitExceeded);
  std::vector<float> offsets(m_gradient.size() - 1);
  EXPECT_EQ(failure({1, 2}, offsets).code, ErrorCode::InvalidArgument);
  offsets.resize(m_gradient.size());
  offsets.back() = std::numeric_limits<float>::quiet_NaN();
  const base::Error nan = failure({1, 2}, offsets);
  EXPECT_EQ(nan.code, ErrorCode::NonFinite);
  EXPECT_EQ(nan.where.layer, m_model->layerFacts().back().layer);
  offsets.back() = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(failure({1, 2}, offsets).code, ErrorCode::NonFinite);
  m_gradient.pop_back();
  EXPECT_EQ(failure({1, 2}).code, ErrorCode::InvalidArgument);
}

TEST_F(BadGradientRequest, AStopIsHeard) {
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(failure({1, 2, 3}, {}, source.get_token()).code, base::ErrorCode::Cancelled);
}

/// A recipe's policy for a model, begun.
std::unique_ptr<routing::Policy> policyOf(const Model& model, const std::string& json) {
  const auto recipe = routing::parseRecipe(json, {});
  EXPECT_TRUE(recipe) << recipe.error().describe();
  auto policy = routing::buildRecipe(*recipe);
  EXPECT_TRUE(policy) << policy.error().describe();
  const auto begun = (*policy)->begin(model.layerFacts());
  EXPECT_TRUE(begun) << begun.error().describe();
  return std::move(*policy);
}

TEST(GradientUnderARecipe, ABiasIsAnOffset) {
  for (const char* name : {"olmoe", "deepseek_v3", "gpt_oss", "phimoe"}) {
    SCOPED_TRACE(name);
    const std::filesystem::path folder =
        std::filesystem::path(SY_TEST_DATA "/golden/models") / name;
    const auto model = loadModel(folder, threads());
    ASSERT_TRUE(model);
    const auto tokens = tokenIds(Reference(folder / "reference.safetensors").integers("p0.ids"));
    const std::size_t experts = static_cast<std::size_t>(model->config().moe.gate.experts);
    std::vector<float> offsets(offsetCount(*model));
    for (std::size_t moe = 0; moe * experts < offsets.size(); ++moe)
      offsets[moe * experts + 1] = 0.375f;
    const GradientRun byOffsets = runGradient(*model, threads(), tokens, offsets);
    const auto bias = policyOf(
        *model, R"({"steps":[{"plugin":"bias","options":{"experts":[1],"value":0.375}}]})");
    GradientWorkspace buffers;
    std::vector<float> gradient(offsets.size());
    const auto loss = routerGradient(*model, {.threads = threads()},
                                     {.tokens = tokens, .policy = bias.get()}, buffers, gradient);
    ASSERT_TRUE(loss) << loss.error().describe();
    EXPECT_EQ(*loss, byOffsets.loss);
    EXPECT_EQ(gradient, byOffsets.gradient);
  }
}

TEST(GradientUnderARecipe, ABannedExpertHasNoneAndOthersAgreeWithDifferences) {
  const std::filesystem::path folder = SY_TEST_DATA "/golden/models/olmoe";
  const auto model = loadModel(folder, threads());
  ASSERT_TRUE(model);
  const auto tokens = tokenIds(Reference(folder / "reference.safetensors").integers("p0.ids"));
  const std::size_t experts = static_cast<std::size_t>(model->config().moe.gate.experts);
  const auto ban = policyOf(*model, R"({"steps":[{"plugin":"ban","options":{"experts":[0]}}]})");
  GradientWorkspace buffers;
  std::vector<float> gradient(offsetCount(*model));
  const auto at = [&](std::span<const float> offsets, std::span<float> out) {
    return routerGradient(*model, {.threads = threads()},
                          {.tokens = tokens, .offsets = offsets, .policy = ban.get()}, buffers, out)
        .value();
  };
  at({}, gradient);
  for (std::size_t i = 0; i < gradient.size(); i += experts)
    EXPECT_EQ(gradient[i], 0.0f);
  // Along the gradient itself the loss changes as it says.
  double square = 0;
  for (const float g : gradient)
    square += static_cast<double>(g) * g;
  ASSERT_GT(square, 0);
  const double step = 2e-3 / std::sqrt(square);
  std::vector<float> up, down;
  for (const float g : gradient) {
    up.push_back(static_cast<float>(g * step));
    down.push_back(static_cast<float>(-g * step));
  }
  const double slope = (at(up, {}) - at(down, {})) / (2 * step);
  EXPECT_NEAR(slope, square, 0.02 * square);
}

TEST(GradientUnderARecipe, IsRefusedWhereThereIsNone) {
  const std::filesystem::path folder = SY_TEST_DATA "/golden/models/olmoe";
  const auto model = loadModel(folder, threads());
  ASSERT_TRUE(model);
  const auto tokens = tokenIds({1, 2, 3, 4});
  std::vector<float> gradient(offsetCount(*model));
  for (const char* step : {R"({"plugin":"top-k","options":{"k":1}})",
                           R"({"plugin":"boost","options":{"experts":[0,1,2,3],"multiplier":2}})",
                           R"({"plugin":"rank-r","options":{"rank":2}})"}) {
    const auto policy = policyOf(*model, std::string(R"({"steps":[)") + step + "]}");
    GradientWorkspace buffers;
    const auto loss = routerGradient(*model, {.threads = threads()},
                                     {.tokens = tokens, .policy = policy.get()}, buffers, gradient);
    ASSERT_FALSE(loss) << step;
    EXPECT_EQ(loss.error().code, base::ErrorCode::Unsupported);
    EXPECT_NE(loss.error().message.find("leave the recipe out"), std::string::npos);
  }
}

} // namespace
} // namespace switchyard::model
