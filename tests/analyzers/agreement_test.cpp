#include "analyzers/agreement/agreement.h"

#include <gtest/gtest.h>

#include "analyzers/report/json.h"
#include "analyzers/statistics/distances.h"
#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using test::TraceData;

TraceData oneLayer(std::vector<std::uint16_t> ids, std::vector<float> weights = {},
                   std::vector<float> logits = {}) {
  TraceData data;
  data.layers = {{0, 4, 2}};
  trace::SequenceInfo info;
  for (std::size_t t = 0; t < ids.size() / 2; ++t)
    info.tokens.push_back(static_cast<std::int32_t>(t));
  data.sequences = {info};
  data.columns = {{TraceData::Column{std::move(ids), std::move(weights), std::move(logits), {}}}};
  return data;
}

base::Result<void> compare(Agreement& agreement, const TraceData& a, const TraceData& b) {
  SY_TRY(agreement.begin(a.layers, b.layers));
  return agreement.add(a.block(0, 0, 0, a.rows(0, 0)), b.block(0, 0, 0, b.rows(0, 0)));
}

TEST(Agreement, handWorkedRows) {
  // Same order; swapped; one in common at other ranks; nothing in common.
  const TraceData a = oneLayer({0, 1, 0, 1, 2, 3, 0, 1}, {.6f, .4f, .6f, .4f, .7f, .3f, .5f, .5f});
  const TraceData b = oneLayer({0, 1, 1, 0, 3, 1, 2, 3}, {.5f, .5f, .8f, .2f, .9f, .1f, .5f, .5f});
  Agreement agreement;
  ASSERT_TRUE(compare(agreement, a, b));
  const LayerAgreement got = agreement.layer(0);
  EXPECT_DOUBLE_EQ(got.agreement[0], .25);
  EXPECT_DOUBLE_EQ(got.agreement[1], (2 + 2 + 1 + 0) / 8.0);
  EXPECT_DOUBLE_EQ(*got.identical, .5);
  EXPECT_DOUBLE_EQ(*got.rankShift, (0 + 0 + 1 + 1 + 1) / 5.0);
  EXPECT_NEAR(*got.weighted, ((.5 + .4) + (.2 + .4) + .3) / 4, 1e-7);
  EXPECT_FALSE(got.tokenDivergence);
  EXPECT_GT(*got.loadDistance, 0);
}

TEST(Agreement, aTraceWithItself) {
  const TraceData a = oneLayer({0, 1, 3, 2}, {}, {1, 0, 0, -1, 0, 1, 2, 3});
  Agreement agreement;
  ASSERT_TRUE(compare(agreement, a, a));
  const LayerAgreement got = agreement.layer(0);
  EXPECT_EQ(got.agreement, (std::vector<double>{1, 1}));
  EXPECT_EQ(*got.identical, 1);
  EXPECT_EQ(*got.rankShift, 0);
  EXPECT_EQ(*got.loadDistance, 0);
  EXPECT_NEAR(*got.tokenDivergence, 0, 1e-6);
}

TEST(Agreement, divergenceOfLogits) {
  const TraceData a = oneLayer({0, 1}, {}, {2, 1, .5f, -1}),
                  b = oneLayer({2, 1}, {}, {0, 1, 2, -1});
  Agreement agreement;
  ASSERT_TRUE(compare(agreement, a, b));
  std::vector<double> p, q;
  for (float z : {2.f, 1.f, .5f, -1.f})
    p.push_back(std::exp(z));
  for (float z : {0.f, 1.f, 2.f, -1.f})
    q.push_back(std::exp(z));
  EXPECT_NEAR(*agreement.layer(0).tokenDivergence, (*statistics::distances(p, q))->jsDivergence,
              1e-6);
}

TEST(Agreement, saysHowMuchCanAgreeWhereOneSelectsFewer) {
  std::vector<std::uint16_t> two, one;
  for (int token = 0; token < 1000; ++token) {
    two.insert(two.end(), {0, 1});
    one.insert(one.end(), {0, trace::kNoExpert});
  }
  const auto findings = [](const TraceData& a, const TraceData& b) {
    Agreement agreement;
    EXPECT_TRUE(compare(agreement, a, b));
    return agreement.result()->findings;
  };
  const auto fewer = findings(oneLayer(two), oneLayer(one));
  ASSERT_EQ(fewer.size(), 2u);
  EXPECT_NE(fewer[0].find("agree on 50 %"), std::string::npos) << fewer[0];
  EXPECT_NE(fewer[1].find("at most 50 %"), std::string::npos) << fewer[1];
  EXPECT_EQ(findings(oneLayer(two), oneLayer(two)).size(), 1u);
}

TEST(Agreement, refusesTracesThatDoNotMatch) {
  const TraceData a = oneLayer({0, 1, 2, 3});
  TraceData b = a;
  b.sequences[0].tokens[1] = 9;
  Agreement agreement;
  const auto differs = compare(agreement, a, b);
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().where.token->value, 1);
  b = a;
  b.layers[0].experts = 8;
  EXPECT_FALSE(Agreement().begin(a.layers, b.layers));
  EXPECT_FALSE(agreement.add(a.block(0, 0, 0, 1), a.block(0, 0, 1, 1)));
}

TEST(Agreement, mergesExactly) {
  const TraceData a = oneLayer({0, 1, 2, 3, 0, 2, 1, 3}, {.1f, .9f, .2f, .8f, .3f, .7f, .4f, .6f});
  const TraceData b = oneLayer({0, 2, 3, 2, 0, 1, 3, 1}, {.3f, .7f, .2f, .8f, .6f, .4f, .5f, .5f});
  Agreement whole, first, second;
  for (Agreement* x : {&whole, &first, &second})
    ASSERT_TRUE(x->begin(a.layers, b.layers));
  TraceData a2 = a, b2 = b;
  a2.sequences[0].index = b2.sequences[0].index = 1;
  ASSERT_TRUE(whole.add(a.block(0, 0, 0, 4), b.block(0, 0, 0, 4)));
  ASSERT_TRUE(whole.add(a2.block(0, 0, 0, 3), b2.block(0, 0, 0, 3)));
  ASSERT_TRUE(first.add(a2.block(0, 0, 0, 3), b2.block(0, 0, 0, 3)));
  ASSERT_TRUE(second.add(a.block(0, 0, 0, 4), b.block(0, 0, 0, 4)));
  ASSERT_TRUE(first.merge(second));
  EXPECT_EQ(report::toJson(*first.result()), report::toJson(*whole.result()));
}

} // namespace
} // namespace switchyard::analyzers
