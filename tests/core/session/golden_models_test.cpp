// Every golden checkpoint against the reference implementation's outputs, at every token and layer.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "core/session/sampler.h"
#include "core/session/session.h"
#include "tests/support/collector.h"
#include "tests/support/golden_models.h"
#include "tests/support/reference.h"

namespace switchyard::session {
namespace {

using tests::Collector;
using tests::Reference;

std::vector<base::TokenId> tokenIds(const std::vector<std::int64_t>& values) {
  std::vector<base::TokenId> ids;
  for (const std::int64_t value : values)
    ids.emplace_back(static_cast<std::int32_t>(value));
  return ids;
}

/// Largest error relative to each expected value; expected 0 must be 0.
double largestRelative(const std::vector<float>& got, const std::vector<float>& want) {
  if (got.size() != want.size())
    return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double difference = std::abs(static_cast<double>(got[i]) - want[i]);
    if (difference > 0)
      largest = std::max(largest, difference / std::abs(static_cast<double>(want[i])));
  }
  return largest;
}

class GoldenModel : public ::testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    m_folder = std::filesystem::path(SY_TEST_DATA) / "golden" / GetParam();
    auto model = model::Model::load(m_folder, m_threads);
    ASSERT_TRUE(model) << model.error().describe();
    m_model = *model;
  }

  Session session() {
    auto created = Session::create(m_model, m_threads);
    EXPECT_TRUE(created) << created.error().describe();
    return std::move(*created);
  }

  base::ThreadContext m_threads{2};
  std::filesystem::path m_folder;
  std::shared_ptr<const model::Model> m_model;
};

constexpr hooks::PointSet kAll = hooks::Point::RouterLogits | hooks::Point::ExpertNorms |
                                 hooks::Point::Weights | hooks::Point::TopK | hooks::Point::Hidden |
                                 hooks::Point::LmLogits;

TEST_P(GoldenModel, MatchesTheReferenceAtEveryTokenAndLayer) {
  const Reference reference(m_folder / "reference.safetensors");
  int prompts = 0;
  for (; reference.has("p" + std::to_string(prompts) + ".ids"); ++prompts) {
    const std::string p = "p" + std::to_string(prompts) + ".";
    SCOPED_TRACE(p);
    const auto ids = tokenIds(reference.integers(p + "ids"));
    Collector collector(kAll);
    hooks::Observer* const observers[] = {&collector};
    Session run = session();
    const auto last = run.extend(ids, observers);
    ASSERT_TRUE(last) << last.error().describe();

    const auto logits = reference.floats(p + "logits");
    EXPECT_LE(tests::largestDifference(collector.lmLogits, logits), 1e-4 * tests::range(logits));

    int routed = 0;
    for (int l = 0; l < m_model->config().layers; ++l) {
      const std::string key = p + "l" + std::to_string(l) + ".";
      ASSERT_EQ(reference.has(key + "experts"), collector.layers.contains(l)) << key;
      if (!collector.layers.contains(l))
        continue;
      ++routed;
      const Collector::Layer& layer = collector.layers[l];
      EXPECT_EQ(layer.ids, reference.integers(key + "experts")) << key;
      EXPECT_LE(tests::largestDifference(layer.logits, reference.floats(key + "router_logits")),
                1e-4)
          << key;
      EXPECT_LE(tests::largestDifference(layer.weights, reference.floats(key + "weights")), 1e-5)
          << key;
      EXPECT_LE(largestRelative(layer.norms, reference.floats(key + "norms")), 1e-4) << key;
    }
    EXPECT_EQ(routed, m_model->config().moeLayers());

    if (reference.has(p + "hidden")) {
      const auto expected = reference.floats(p + "hidden");
      std::vector<float> hidden;
      for (const auto& [index, values] : collector.hidden)
        if (index != m_model->config().layers) // the reference has the final norm there
          hidden.insert(hidden.end(), values.begin(), values.end());
      EXPECT_LE(tests::largestDifference(hidden, expected),
                1e-5 * std::max(1.0, tests::largestMagnitude(expected)));
    }

    double loss = 0;
    const auto vocabulary = static_cast<std::size_t>(m_model->config().vocabulary);
    for (std::size_t t = 0; t + 1 < ids.size(); ++t) {
      const std::span<const float> row(collector.lmLogits.data() + t * vocabulary, vocabulary);
      const double top = *std::ranges::max_element(row);
      double sum = 0;
      for (const float value : row)
        sum += std::exp(value - top);
      loss += top + std::log(sum) - row[static_cast<std::size_t>(ids[t + 1].value)];
    }
    EXPECT_NEAR(loss / static_cast<double>(ids.size() - 1), reference.floats(p + "loss")[0], 1e-4);
  }
  EXPECT_GT(prompts, 0);
}

TEST_P(GoldenModel, GreedyContinuationIsIdentical) {
  const Reference reference(m_folder / "reference.safetensors");
  for (int prompt = 0; reference.has("p" + std::to_string(prompt) + ".greedy"); ++prompt) {
    const std::string p = "p" + std::to_string(prompt) + ".";
    SCOPED_TRACE(p);
    const auto expected = reference.integers(p + "greedy");
    Session run = session();
    auto logits = run.extend(tokenIds(reference.integers(p + "ids")));
    ASSERT_TRUE(logits) << logits.error().describe();
    std::vector<std::int64_t> got;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const base::TokenId next = argmax(*logits);
      got.push_back(next.value);
      logits = run.extend({&next, 1});
      ASSERT_TRUE(logits) << logits.error().describe();
    }
    EXPECT_EQ(got, expected);
  }
}

TEST_P(GoldenModel, BitsDoNotDependOnChunksBatchesOrThreads) {
  const Reference reference(m_folder / "reference.safetensors");
  const auto ids = tokenIds(reference.integers("p0.ids"));
  const auto run = [&](int threads, std::int64_t chunk) {
    const base::ThreadContext context(threads);
    Collector collector(kAll);
    hooks::Observer* const observers[] = {&collector};
    auto created = Session::create(m_model, context, {.chunk = chunk});
    const auto logits = created->extend(ids, observers);
    EXPECT_TRUE(logits);
    return collector;
  };
  const Collector whole = run(1, 512);
  for (const auto& [threads, chunk] : {std::pair{4, 512}, std::pair{1, 1}, std::pair{3, 7}}) {
    const Collector other = run(threads, chunk);
    EXPECT_EQ(whole.lmLogits, other.lmLogits) << threads << " threads, chunk " << chunk;
    for (const auto& [index, layer] : whole.layers) {
      EXPECT_EQ(layer.ids, other.layers.at(index).ids);
      EXPECT_EQ(layer.logits, other.layers.at(index).logits);
      EXPECT_EQ(layer.norms, other.layers.at(index).norms);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenModel, ::testing::ValuesIn(tests::goldenModels()),
                         [](const auto& info) { return tests::testNameOf(info.param); });

TEST(GoldenModels, AllFamiliesAreThere) {
  EXPECT_GE(tests::goldenModels().size(), 19u);
}

} // namespace
} // namespace switchyard::session
