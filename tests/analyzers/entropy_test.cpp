#include "analyzers/entropy/entropy.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "analyzers/statistics/distances.h"
#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using test::TraceData;

std::vector<double> softmax(const std::vector<float>& z) {
  std::vector<double> p;
  double sum = 0;
  for (float x : z)
    sum += std::exp(static_cast<double>(x));
  for (float x : z)
    p.push_back(std::exp(static_cast<double>(x)) / sum);
  return p;
}

TEST(Softmax, handWorkedVector) {
  std::vector<float> p(4);
  ASSERT_TRUE(probabilitiesOf(std::vector<float>{2, 1, .5f, -1}, Probabilities::Softmax, p));
  const double want[] = {.609460, .224208, .135989, .030343};
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(p[i], want[i], 1e-6);
  EXPECT_NEAR(shannonEntropy(p, 0), 1.014403, 1e-6);
}

TEST(Softmax, oddSizesExtremesAndBadRows) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-90, 30);
  for (std::size_t n : {1u, 3u, 8u, 13u, 64u, 100u}) {
    std::vector<float> z(n), p(n);
    for (float& x : z)
      x = uniform(random);
    ASSERT_TRUE(probabilitiesOf(z, Probabilities::Softmax, p));
    const std::vector<double> want = softmax(z);
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_NEAR(p[i], want[i], (want[i] > 1e-10 ? 1e-6 : 1e-5) * want[i] + 1e-37);
    ASSERT_TRUE(probabilitiesOf(z, Probabilities::Sigmoid, p));
    double sum = 0;
    for (float x : z)
      sum += 1 / (1 + std::exp(-static_cast<double>(x)));
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_NEAR(p[i], 1 / (1 + std::exp(-static_cast<double>(z[i]))) / sum, 1e-6);
  }
  const float inf = std::numeric_limits<float>::infinity();
  std::vector<float> p(2);
  EXPECT_TRUE(probabilitiesOf(std::vector<float>{1, -inf}, Probabilities::Softmax, p));
  EXPECT_EQ(p, (std::vector<float>{1, 0}));
  EXPECT_FALSE(probabilitiesOf(std::vector<float>{1, NAN}, Probabilities::Softmax, p));
  EXPECT_FALSE(probabilitiesOf(std::vector<float>{1, inf}, Probabilities::Softmax, p));
  EXPECT_FALSE(probabilitiesOf(std::vector<float>{-inf, -inf}, Probabilities::Softmax, p));
}

TEST(Entropy, meansAgainstPlainLoops) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal(0, 1);
  TraceData data;
  data.layers = {{0, 8, 2}};
  trace::SequenceInfo info;
  info.tokens.resize(300);
  data.sequences = {info};
  TraceData::Column c;
  double entropy = 0, margin = 0, mass = 0, zLoss = 0;
  int uncertain = 0;
  for (int t = 0; t < 300; ++t) {
    const float scale = static_cast<float>(t) * 0.01f;
    std::vector<float> z(8);
    for (float& x : z)
      x = normal(random) * scale;
    c.logits.insert(c.logits.end(), z.begin(), z.end());
    c.ids.insert(c.ids.end(), {2, 5});
    const std::vector<double> p = softmax(z);
    const statistics::Entropy h = **statistics::entropy(p);
    entropy += h.nats / 300;
    uncertain += h.gw >= 1.8;
    std::vector<double> sorted = p;
    std::ranges::sort(sorted, std::greater<>());
    margin += (sorted[0] - sorted[1]) / 300;
    mass += (p[2] + p[5]) / 300;
    double sum = 0;
    for (float x : z)
      sum += std::exp(static_cast<double>(x));
    zLoss += std::log(sum) * std::log(sum) / 300;
  }
  data.columns = {{c}};
  Entropy analyzer;
  data.feedAll(analyzer, 64);
  const LayerEntropy got = analyzer.layer(0);
  EXPECT_NEAR(got.threshold, 1.8, 1e-12) << "GW-MoE's value for 8 experts";
  EXPECT_NEAR(*got.entropy, entropy, 1e-6);
  EXPECT_NEAR(*got.normalisedEntropy, entropy / std::log(8.0), 1e-6);
  EXPECT_NEAR(*got.margin, margin, 1e-6);
  EXPECT_NEAR(*got.selectedMass, mass, 1e-6);
  EXPECT_NEAR(*got.zLoss, zLoss, 1e-5);
  EXPECT_NEAR(*got.uncertain, uncertain / 300.0, 1e-12);
  std::int64_t binned = 0;
  for (std::int64_t n : got.entropyBins)
    binned += n;
  EXPECT_EQ(binned, 300);
}

TEST(Entropy, saysWhenLogitsWereNotRecorded) {
  TraceData data;
  data.layers = {{0, 4, 1}};
  data.sequences.emplace_back();
  data.columns = {{TraceData::Column{{0, 1}, {}, {}, {}}}};
  Entropy analyzer;
  data.feedAll(analyzer);
  const auto result = analyzer.result();
  ASSERT_TRUE(result);
  EXPECT_NE(result->warnings[0].find("logits were not recorded"), std::string::npos);
  EXPECT_FALSE(Entropy({.uncertainShare = 1.5}).begin(data.layers));
}

} // namespace
} // namespace switchyard::analyzers
