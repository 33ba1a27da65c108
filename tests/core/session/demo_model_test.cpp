// The shipped demo model against its own reference outputs and against Hugging Face transformers.

#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/session/sampler.h"
#include "core/session/session.h"
#include "tests/support/collector.h"
#include "tests/support/reference.h"

namespace switchyard::session {
namespace {

using tests::Collector;
using tests::Reference;

class DemoModel : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    auto model = model::Model::load(SY_DATA "/demo-model", *threads());
    ASSERT_TRUE(model) << model.error().describe();
    s_model = *model;
  }
  static void TearDownTestSuite() { s_model.reset(); }

  static const base::ThreadContext* threads() {
    static const base::ThreadContext context(2);
    return &context;
  }

  Collector run(const std::vector<std::int64_t>& ids, hooks::PointSet points) {
    std::vector<base::TokenId> tokens;
    for (const std::int64_t id : ids)
      tokens.emplace_back(static_cast<std::int32_t>(id));
    Collector collector(points);
    hooks::Observer* const observers[] = {&collector};
    auto session = Session::create(s_model, *threads());
    const auto logits = session->extend(tokens, observers);
    EXPECT_TRUE(logits) << logits.error().describe();
    return collector;
  }

  static std::shared_ptr<const model::Model> s_model;
};
std::shared_ptr<const model::Model> DemoModel::s_model;

TEST_F(DemoModel, MatchesItsReferenceOutputs) {
  const Reference reference(SY_DATA "/demo-model/reference.safetensors");
  int prompts = 0;
  for (; reference.has("p" + std::to_string(prompts) + ".ids"); ++prompts) {
    const std::string p = "p" + std::to_string(prompts) + ".";
    SCOPED_TRACE(p);
    const auto ids = reference.integers(p + "ids");
    const Collector got = run(ids, hooks::Point::RouterLogits | hooks::Point::TopK |
                                       hooks::Point::Hidden | hooks::Point::LmLogits);
    const auto logits = reference.floats(p + "logits");
    EXPECT_LE(tests::largestDifference(got.lmLogits, logits), 1e-4 * tests::range(logits));
    for (int l = 0; l < 6; ++l) {
      const std::string key = p + "layer" + std::to_string(l) + ".";
      EXPECT_EQ(got.layers.at(l).ids, reference.integers(key + "experts")) << key;
      EXPECT_LE(
          tests::largestDifference(got.layers.at(l).weights, reference.floats(key + "weights")),
          1e-5)
          << key;
      const auto residual = reference.floats(key + "hidden");
      EXPECT_LE(tests::largestDifference(got.hidden.at(l + 1), residual),
                1e-5 * tests::largestMagnitude(residual))
          << key;
    }
    std::vector<base::TokenId> tokens;
    for (const std::int64_t id : ids)
      tokens.emplace_back(static_cast<std::int32_t>(id));
    auto session = Session::create(s_model, *threads());
    auto next = session->extend(tokens);
    for (const std::int64_t expected : reference.integers(p + "greedy")) {
      ASSERT_TRUE(next);
      const base::TokenId token = argmax(*next);
      EXPECT_EQ(token.value, expected);
      next = session->extend({&token, 1});
    }
  }
  EXPECT_EQ(prompts, 5);
}

TEST_F(DemoModel, EverythingInsideOneChatPromptMatchesTransformers) {
  const Reference reference(SY_TEST_DATA "/golden/demo/hidden.safetensors");
  const Collector got =
      run(reference.integers("ids"), hooks::Point::RouterInput | hooks::Point::RouterLogits |
                                         hooks::Point::ExpertNorms | hooks::Point::MoeOutput |
                                         hooks::Point::Hidden | hooks::Point::LmLogits);
  const auto shape = reference.shape("hidden"); // [L, T, H]
  const auto perLayer = [&](const std::string& name, int l) {
    const auto all = reference.floats(name);
    const std::size_t size = all.size() / static_cast<std::size_t>(shape[0]);
    return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(size) * l,
                              all.begin() + static_cast<std::ptrdiff_t>(size) * (l + 1));
  };
  const auto close = [](const std::vector<float>& a, const std::vector<float>& b) {
    return tests::largestDifference(a, b) <= 1e-4 * tests::largestMagnitude(b);
  };
  EXPECT_TRUE(close(got.hidden.at(0), reference.floats("embedding")));
  const double largest = tests::largestMagnitude(reference.floats("hidden"));
  const auto ids = reference.integers("experts");
  const auto norms = reference.floats("expert_output_norm"); // [T, L, K]
  const auto layers = static_cast<std::size_t>(shape[0]);
  const auto tokens = static_cast<std::size_t>(shape[1]);
  for (std::size_t l = 0; l < layers; ++l) {
    const int layer = static_cast<int>(l);
    const Collector::Layer& seen = got.layers.at(layer);
    EXPECT_LE(tests::largestDifference(got.hidden.at(layer + 1), perLayer("hidden", layer)),
              1e-5 * largest);
    EXPECT_TRUE(close(seen.input, perLayer("router_input", layer)));
    EXPECT_TRUE(close(seen.logits, perLayer("router_logits", layer)));
    EXPECT_TRUE(close(seen.weights, perLayer("weights", layer)));
    EXPECT_TRUE(close(seen.output, perLayer("moe_output", layer)));
    EXPECT_TRUE(
        std::ranges::equal(seen.ids, std::span(ids).subspan(l * seen.ids.size(), seen.ids.size())));
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t r = 0; r < 4; ++r) {
        const float want = norms[(t * layers + l) * 4 + r];
        EXPECT_NEAR(seen.norms[t * 4 + r], want, 1e-4 * want);
      }
  }
  EXPECT_TRUE(close(got.hidden.at(7), reference.floats("final_norm")));
  const auto last = reference.floats("logits_last");
  EXPECT_TRUE(close(
      {got.lmLogits.end() - static_cast<std::ptrdiff_t>(last.size()), got.lmLogits.end()}, last));
}

TEST_F(DemoModel, PerTokenLossesOfFortyDocumentsMatchTransformers) {
  const Reference reference(SY_TEST_DATA "/golden/demo/perplexity.safetensors");
  std::ifstream file(SY_TEST_DATA "/golden/demo/perplexity.json");
  const nlohmann::json facts = nlohmann::json::parse(file);
  int documents = 0;
  for (const auto& document : facts.at("documents")) {
    const std::string id = document.at("id");
    SCOPED_TRACE(id);
    auto ids = reference.integers(id + ".ids");
    ids.resize(std::min<std::size_t>(ids.size(), 512));
    const auto want = reference.floats(id + ".nll");
    const Collector got = run(ids, static_cast<hooks::PointSet>(hooks::Point::LmLogits));
    double sum = 0;
    for (std::size_t t = 0; t + 1 < ids.size(); ++t) {
      const std::span<const float> row(got.lmLogits.data() + t * 4096, 4096);
      const double top = *std::ranges::max_element(row);
      double total = 0;
      for (const float value : row)
        total += std::exp(value - top);
      const double nll = top + std::log(total) - row[static_cast<std::size_t>(ids[t + 1])];
      EXPECT_NEAR(nll, want[t], 1e-4) << "token " << t + 1;
      sum += nll;
    }
    EXPECT_NEAR(sum, document.at("sum_nll").get<double>(), 2e-3);
    ++documents;
  }
  EXPECT_EQ(documents, 40);
}

} // namespace
} // namespace switchyard::session
