// Gates against worked examples, a naive implementation in double, and their own invariants.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/routing/gate.h"

namespace switchyard::routing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Outputs {
  std::vector<std::int32_t> ids;
  std::vector<float> weights, raw, probs, biased;
};

Outputs run(const GateConfig& gate, const std::vector<float>& logits,
            const std::vector<float>& bias = {}) {
  EXPECT_TRUE(validate(gate));
  const std::size_t slots =
      logits.size() / static_cast<std::size_t>(gate.experts) * static_cast<std::size_t>(gate.k);
  Outputs out{std::vector<std::int32_t>(slots, -7), std::vector<float>(slots),
              std::vector<float>(slots), std::vector<float>(logits.size()),
              std::vector<float>(logits.size())};
  const auto routed = route(gate, logits, bias,
                            {.ids = out.ids,
                             .weights = out.weights,
                             .rawWeights = out.raw,
                             .probs = out.probs,
                             .biasedScores = out.biased});
  EXPECT_TRUE(routed) << routed.error().describe();
  return out;
}

/// What the rule says, written as plainly as possible and in double.
struct Naive {
  std::vector<int> ids;
  std::vector<double> weights;
};

Naive naive(const GateConfig& gate, std::vector<double> z, const std::vector<float>& bias) {
  const int experts = gate.experts;
  const auto at = [](auto& values, int i) -> auto& {
    return values[static_cast<std::size_t>(i)];
  };
  std::vector<double> scores(z);
  if (gate.score == Score::Sigmoid) {
    for (double& score : scores)
      score = 1 / (1 + std::exp(-score));
  } else if (gate.score == Score::SoftmaxAll) {
    double sum = 0;
    for (double& score : scores)
      sum += score = std::exp(score);
    for (double& score : scores)
      score /= sum;
  }
  std::vector<double> choice(scores);
  for (std::size_t e = 0; e < bias.size(); ++e)
    choice[e] += bias[e];
  const auto best = [](const std::vector<double>& values, std::set<int> taken) {
    int winner = -1;
    for (int i = 0; i < static_cast<int>(values.size()); ++i)
      if (!taken.contains(i) && (winner < 0 || values[static_cast<std::size_t>(i)] >
                                                   values[static_cast<std::size_t>(winner)]))
        winner = i;
    return winner;
  };
  if (gate.groupScore != GroupScore::None) {
    const int size = experts / gate.groups;
    std::vector<double> groups;
    for (int g = 0; g < gate.groups; ++g) {
      std::vector<double> members(choice.begin() + g * size, choice.begin() + (g + 1) * size);
      std::ranges::sort(members, std::greater<>());
      groups.push_back(gate.groupScore == GroupScore::Max ? members[0] : members[0] + members[1]);
    }
    std::set<int> kept;
    for (int i = 0; i < gate.groupsKept; ++i)
      kept.insert(best(groups, kept));
    for (int e = 0; e < experts; ++e)
      if (!kept.contains(e / size))
        at(choice, e) = static_cast<double>(gate.groupFill);
  }
  Naive result;
  std::set<int> taken;
  for (int i = 0; i < gate.k; ++i) {
    const int id = best(choice, taken);
    taken.insert(id);
    result.ids.push_back(id);
    result.weights.push_back(at(scores, id));
  }
  if (gate.score == Score::SoftmaxSelected)
    for (double& weight : result.weights)
      weight = std::exp(weight);
  const double sum = std::accumulate(result.weights.begin(), result.weights.end(), 0.0);
  for (double& weight : result.weights) {
    if (gate.score == Score::SoftmaxSelected)
      weight /= sum;
    else if (gate.renorm == Renorm::Sum)
      weight /= sum + gate.renormEps;
    else if (gate.renorm == Renorm::ClampMin)
      weight /= std::max(sum, static_cast<double>(gate.renormEps));
    weight *= gate.scale;
  }
  return result;
}

TEST(Gate, RandomRowsMatchANaiveImplementation) {
  base::Rng random(11);
  const auto below = [&](int limit) {
    return static_cast<int>(random.nextBelow(static_cast<std::uint64_t>(limit)));
  };
  for (int round = 0; round < 600; ++round) {
    GateConfig gate;
    gate.groups = 1 << below(4);
    gate.experts = gate.groups * (2 + below(12));
    gate.groupScore = static_cast<GroupScore>(below(3));
    gate.groupsKept = 1 + below(gate.groups);
    const int allowed = gate.groupScore == GroupScore::None
                            ? gate.experts
                            : gate.groupsKept * (gate.experts / gate.groups);
    gate.k = 1 + below(std::min(allowed, 9));
    gate.score = static_cast<Score>(below(3));
    gate.renorm =
        gate.score == Score::SoftmaxSelected ? Renorm::None : static_cast<Renorm>(below(3));
    gate.renormEps = 1e-12f;
    gate.scale = below(2) == 0 ? 1.0f : 2.5f;
    // Multiples of 1/64: exact ties appear, near-ties do not.
    std::vector<float> logits;
    for (int i = 0; i < 3 * gate.experts; ++i)
      logits.push_back(static_cast<float>(below(640) - 320) / 64.0f);
    std::vector<float> bias;
    if (below(2) == 0)
      for (int e = 0; e < gate.experts; ++e)
        bias.push_back(static_cast<float>(below(64) - 32) / 3.0f);
    const Outputs got = run(gate, logits, bias);
    for (int row = 0; row < 3; ++row) {
      const auto begin = logits.begin() + row * gate.experts;
      const Naive want = naive(gate, {begin, begin + gate.experts}, bias);
      for (int rank = 0; rank < gate.k; ++rank) {
        const auto slot = static_cast<std::size_t>(row * gate.k + rank);
        EXPECT_EQ(got.ids[slot], want.ids[static_cast<std::size_t>(rank)])
            << "round " << round << " row " << row;
        const double weight = want.weights[static_cast<std::size_t>(rank)];
        EXPECT_NEAR(got.weights[slot], weight, 1e-7 + 4e-6 * weight) << "round " << round;
      }
    }
  }
}

TEST(Gate, RowsAreIndependent) {
  const std::vector<float> a = {2, 1, 0.5f, -1};
  const std::vector<float> b = {0, 3, 3, -2};
  const GateConfig gate{.experts = 4, .k = 2, .renorm = Renorm::Sum};
  const Outputs both = run(gate, {2, 1, 0.5f, -1, 0, 3, 3, -2});
  const Outputs first = run(gate, a);
  const Outputs second = run(gate, b);
  EXPECT_EQ(both.weights, (std::vector{first.weights[0], first.weights[1], second.weights[0],
                                       second.weights[1]}));
  EXPECT_EQ(both.ids, (std::vector<std::int32_t>{0, 1, 1, 2}));
}

TEST(Gate, OutputsSayWhatTheyNameWithGroupsAndBias) {
  // methods.md's worked example of noaux_tc.
  const GateConfig gate{.experts = 4,
                        .k = 2,
                        .score = Score::Sigmoid,
                        .groupScore = GroupScore::Top2Sum,
                        .groups = 2,
                        .groupsKept = 1,
                        .renorm = Renorm::Sum,
                        .renormEps = 1e-20f,
                        .scale = 2.5f};
  const Outputs got = run(gate, {2, 1, 0.5f, -1}, {-0.9f, 0, 0.3f, 0.6f});
  EXPECT_EQ(got.ids, (std::vector<std::int32_t>{2, 3}));
  EXPECT_NEAR(got.weights[0], 1.745734, 1e-5);
  EXPECT_NEAR(got.weights[1], 0.754266, 1e-5);
  EXPECT_NEAR(got.raw[0], 0.622459, 1e-6); // sigmoid(0.5), no bias
  EXPECT_NEAR(got.probs[0], 0.880797, 1e-6);
  EXPECT_EQ(got.biased[0], -kInfinity); // its group lost
  EXPECT_EQ(got.biased[1], -kInfinity);
  EXPECT_NEAR(got.biased[2], 0.922459, 1e-6);
  EXPECT_NEAR(got.biased[3], 0.868941, 1e-6);
}

TEST(Gate, TheFillOfLosingGroupsDecidesWithANegativeBias) {
  GateConfig gate{.experts = 4,
                  .k = 2,
                  .score = Score::Sigmoid,
                  .groupScore = GroupScore::Top2Sum,
                  .groups = 2,
                  .groupsKept = 1};
  const std::vector<float> bias = {-0.9f, 1, -0.6f, -0.2f};
  EXPECT_EQ(run(gate, {2, 1, 0.5f, -1}, bias).ids, (std::vector<std::int32_t>{1, 0}));
  gate.groupFill = 0.0f; // 0 beats sigmoid(2) - 0.9; experts 2 and 3 tie, the lower id wins
  EXPECT_EQ(run(gate, {2, 1, 0.5f, -1}, bias).ids, (std::vector<std::int32_t>{1, 2}));
}

TEST(Gate, TiesGoToTheLowerId) {
  for (const Score score : {Score::SoftmaxAll, Score::SoftmaxSelected, Score::Sigmoid})
    EXPECT_EQ(run({.experts = 6, .k = 4, .score = score}, {1, 3, 1, 3, 1, 1}).ids,
              (std::vector<std::int32_t>{1, 3, 0, 2}));
  EXPECT_EQ(run({.experts = 4, .k = 2, .score = Score::SparseMixer}, {1, 5, 5, 5}).ids,
            (std::vector<std::int32_t>{1, 2}));
  // Groups tie, too.
  EXPECT_EQ(run({.experts = 4, .k = 1, .groupScore = GroupScore::Max, .groups = 2, .groupsKept = 1},
                {0, 4, 4, 0})
                .ids,
            (std::vector<std::int32_t>{1}));
}

TEST(Gate, SparseMixerWithOneFiniteLogitLeavesASlotEmpty) {
  const Outputs got =
      run({.experts = 3, .k = 2, .score = Score::SparseMixer}, {-kInfinity, 0.25f, -kInfinity});
  EXPECT_EQ(got.ids, (std::vector<std::int32_t>{1, -1}));
  EXPECT_EQ(got.weights, (std::vector<float>{1.0f, 0.0f}));
}

TEST(Gate, HugeLogitsStayFinite) {
  constexpr float kHuge = std::numeric_limits<float>::max();
  for (const Score score :
       {Score::SoftmaxAll, Score::SoftmaxSelected, Score::Sigmoid, Score::SparseMixer}) {
    const Outputs got = run({.experts = 4, .k = 2, .score = score}, {-kHuge, kHuge, 0, -kInfinity});
    EXPECT_EQ(got.ids[0], 1);
    for (const float weight : got.weights)
      EXPECT_TRUE(std::isfinite(weight));
  }
}

TEST(Gate, MoreExpertsThanFitTheStackRouteTheSame) {
  const int experts = 3000;
  std::vector<float> logits;
  for (int e = 0; e < experts; ++e)
    logits.push_back(static_cast<float>((e * 7919) % experts) / 500.0f);
  const GateConfig gate{.experts = experts, .k = 5, .renorm = Renorm::Sum};
  const Outputs got = run(gate, logits);
  const Naive want = naive(gate, {logits.begin(), logits.end()}, {});
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(got.ids[i], want.ids[i]);
    EXPECT_NEAR(got.weights[i], want.weights[i], 1e-6);
  }
}

TEST(Gate, ABadRowLeavesNothingWritten) {
  const std::vector<float> logits = {1, 2, 3, 4, std::nanf(""), 0};
  std::vector<std::int32_t> ids(2, -7);
  std::vector<float> weights(2, -7);
  const auto routed = route({.experts = 3, .k = 1}, logits, {}, {.ids = ids, .weights = weights});
  ASSERT_FALSE(routed);
  EXPECT_EQ(routed.error().code, base::ErrorCode::NonFinite);
  EXPECT_NE(routed.error().message.find("row 1"), std::string::npos);
  EXPECT_EQ(ids, (std::vector<std::int32_t>{-7, -7}));
}

TEST(Gate, SpansThatDoNotFitAreRefused) {
  std::vector<std::int32_t> ids(2);
  std::vector<float> weights(2);
  std::vector<float> wrong(3);
  const std::vector<float> logits(8);
  const GateConfig gate{.experts = 4, .k = 1};
  EXPECT_TRUE(route(gate, logits, {}, {.ids = ids, .weights = weights}));
  EXPECT_FALSE(route(gate, logits, {}, {.ids = ids, .weights = wrong}));
  EXPECT_FALSE(route(gate, logits, wrong, {.ids = ids, .weights = weights}));
  EXPECT_FALSE(route(gate, logits, {}, {.ids = ids, .weights = weights, .probs = wrong}));
  EXPECT_FALSE(route(gate, std::span(logits).first(7), {}, {.ids = ids, .weights = weights}));
  EXPECT_FALSE(route({}, logits, {}, {.ids = ids, .weights = weights}));
}

TEST(Gate, ImpossibleConfigurationsNameTheirField) {
  const auto message = [](const GateConfig& gate) {
    const auto valid = validate(gate);
    return valid ? std::string("valid") : valid.error().message;
  };
  const auto names = [&](const GateConfig& gate, const char* word) {
    EXPECT_NE(message(gate).find(word), std::string::npos) << message(gate);
  };
  names({.experts = 0, .k = 1}, "experts");
  names({.experts = 1 << 20, .k = 1}, "experts");
  names({.experts = 8, .k = 0}, "k is 0");
  names({.experts = 8, .k = 9}, "k is 9");
  names({.experts = 8, .k = 3, .score = Score::SparseMixer}, "SparseMixer");
  names({.experts = 8, .k = 2, .scale = kInfinity}, "scale");
  names({.experts = 8, .k = 2, .jitter = -1.0f}, "jitter");
  names({.experts = 8, .k = 2, .renormEps = -1.0f}, "renormEps");
  GateConfig gate{.experts = 8, .k = 2, .groupScore = GroupScore::Max};
  gate.groups = 0;
  names(gate, "groups");
  gate.groups = 4;
  gate.groupsKept = 0;
  names(gate, "groupsKept");
  gate.groupsKept = 1;
  gate.groupFill = kInfinity;
  names(gate, "groupFill");
}

} // namespace
} // namespace switchyard::routing
