// Statistics of an evaluation, against values worked by hand or made with scipy 1.17.1.

#include <algorithm>

#include <gtest/gtest.h>

#include "app/jobs/evaluate/statistics.h"
#include "app/jobs/evaluate/tables.h"

namespace switchyard::jobs::evaluate {
namespace {

Outcome outcome(double score, std::int64_t tokens, std::int64_t thinking) {
  Outcome o;
  o.score = score;
  o.tokens = tokens;
  o.thinking = thinking;
  o.stop = "eos";
  return o;
}

ItemMeans scores(std::vector<double> values) {
  ItemMeans means;
  means.tokens.assign(values.size(), 10);
  means.unfinished.assign(values.size(), 0);
  means.score = std::move(values);
  return means;
}

TEST(EvaluationStatistics, RepeatsAreAveragedWithinItems) {
  std::vector<Outcome> outcomes = {outcome(1, 10, 4), outcome(0, 20, 6), outcome(1, 6, 2),
                                   outcome(1, 8, 4)};
  outcomes[1].stop = "max-tokens";
  const ItemMeans means = itemMeans(outcomes, 2);
  EXPECT_EQ(means.score, (std::vector<double>{0.5, 1}));
  EXPECT_EQ(means.tokens, (std::vector<double>{15, 7}));
  EXPECT_EQ(means.thinking, (std::vector<double>{5, 3}));
  EXPECT_EQ(means.unfinished, (std::vector<double>{0.5, 0}));
  EXPECT_TRUE(means.lengthScore.empty());
  outcomes[0].thinking.reset();
  EXPECT_TRUE(itemMeans(outcomes, 2).thinking.empty());
}

TEST(EvaluationStatistics, VariantsAreAveragedByItem) {
  const std::vector<ItemMeans> variants = {scores({1, 0, 1}), scores({1, 1, 0.5})};
  EXPECT_EQ(meanOf(variants).score, (std::vector<double>{1, 0.5, 0.75}));
  EXPECT_TRUE(meanOf(variants).thinking.empty());
}

TEST(EvaluationStatistics, AccuracyHasWilsonsInterval) {
  // scipy.stats.binomtest(8, 10).proportion_ci(method="wilson")
  const auto estimate = meanEstimate(std::vector<double>{1, 1, 1, 1, 0, 1, 1, 0, 1, 1}, {});
  ASSERT_TRUE(estimate);
  EXPECT_DOUBLE_EQ(estimate->value, 0.8);
  EXPECT_NEAR(estimate->interval[0], 0.4901624715366418, 1e-12);
  EXPECT_NEAR(estimate->interval[1], 0.9433178485456248, 1e-12);
  EXPECT_FALSE(meanEstimate(std::vector<double>{}, {}));
}

TEST(EvaluationStatistics, McNemarCountsItemsThatDiffer) {
  // Seven gained, one lost, two the same: scipy.stats.binomtest(1, 8, 0.5).pvalue = 0.0703125.
  const auto c =
      compare(scores({0, 0, 0, 0, 0, 0, 0, 1, 1, 0}), scores({1, 1, 1, 1, 1, 1, 1, 0, 1, 0}), {});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->better, 7);
  EXPECT_EQ(c->worse, 1);
  EXPECT_EQ(c->equal, 2);
  EXPECT_EQ(c->test, PairedTest::McNemar);
  EXPECT_DOUBLE_EQ(c->p, 0.0703125);
  EXPECT_DOUBLE_EQ(c->score.value, 0.6);
  EXPECT_LT(c->score.interval[0], 0.6);
  EXPECT_GT(c->score.interval[1], 0.6);
  EXPECT_EQ(c->tokens.value, 0);
  EXPECT_EQ(c->tokens.interval[0], 0);
}

TEST(EvaluationStatistics, SignFlipsForScoresThatAreNotYesOrNo) {
  // All 64 sign vectors of d = (.5, -.25, .75, 0, .25, 1): 12 have |mean| >= .375 (numpy).
  const auto c = compare(scores({0, 0.25, 0, 1, 0.5, 0}), scores({0.5, 0, 0.75, 1, 0.75, 1}), {});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->test, PairedTest::SignFlip);
  EXPECT_DOUBLE_EQ(c->score.value, 0.375);
  EXPECT_DOUBLE_EQ(c->p, 0.1875);
}

TEST(EvaluationStatistics, EqualVariantsDifferByNothing) {
  const auto c = compare(scores({1, 0, 0.5}), scores({1, 0, 0.5}), {});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->p, 1);
  EXPECT_EQ(c->score.value, 0);
  EXPECT_EQ(c->score.interval, (std::array<double, 2>{0, 0}));
  EXPECT_FALSE(compare(scores({1}), scores({1, 0}), {}));
}

TEST(EvaluationStatistics, CorrectsOverVariants) {
  // Benjamini-Hochberg of .01, .04, .03: .03, .04, .04.
  std::vector<Comparison> list(3);
  list[0].p = 0.01;
  list[1].p = 0.04;
  list[2].p = 0.03;
  ASSERT_TRUE(adjust(list));
  EXPECT_NEAR(list[0].adjusted, 0.03, 1e-15);
  EXPECT_NEAR(list[1].adjusted, 0.04, 1e-15);
  EXPECT_NEAR(list[2].adjusted, 0.04, 1e-15);
}

Measured twoVariants(std::size_t items) {
  Measured measured;
  measured.variants = {baseVariant(), baseVariant()};
  measured.variants[1].name = "other";
  measured.outcomes.resize(2);
  for (std::size_t i = 0; i < items; ++i) {
    Task task;
    task.prompt.id = "t" + std::to_string(i);
    task.prompt.labels = {{"half", i < items / 2 ? "first" : "second"}, {"same", "x"}};
    measured.tasks.push_back(task);
    measured.outcomes[0].push_back(outcome(i % 2, 10, 5));
    measured.outcomes[1].push_back(outcome(i == 0 ? 1 : i % 2, 12, 6));
  }
  return measured;
}

TEST(EvaluationTables, SayWhatWasMeasuredAndWarn) {
  Measured measured = twoVariants(8);
  measured.look = {3, 5};
  const auto result = summarize(measured, {}, 0.05);
  ASSERT_TRUE(result);
  const trace::Table& comparisons = result->tables[1];
  ASSERT_EQ(comparisons.rows.size(), 1u);
  EXPECT_EQ(std::get<double>(comparisons.rows[0][1]), 0.125);
  EXPECT_EQ(std::get<double>(comparisons.rows[0][10]), 2); // tokens
  EXPECT_EQ(std::get<double>(comparisons.rows[0][13]), 1); // thinking
  const trace::Table& labels = result->tables[2];
  ASSERT_EQ(labels.rows.size(), 4u); // two halves, two variants; "same" splits nothing
  EXPECT_EQ(std::get<double>(labels.rows[1][4]), 0.75);
  EXPECT_EQ(std::get<double>(labels.rows[1][7]), 0.25);
  EXPECT_EQ(result->tables[3].rows.size(), 16u);
  const auto warned = [&](const std::string& part) {
    return std::ranges::any_of(result->warnings, [&](const std::string& warning) {
      return warning.find(part) != std::string::npos;
    });
  };
  EXPECT_TRUE(warned("evaluation 3"));
  EXPECT_TRUE(warned("5 variants"));
  EXPECT_TRUE(warned("8 items"));
  EXPECT_TRUE(warned("differ in 1 items"));
  EXPECT_FALSE(warned("repeat"));

  measured = twoVariants(60);
  const auto quiet = summarize(measured, {}, 0.05);
  EXPECT_EQ(quiet->warnings.size(), 1u); // one item differs
}

} // namespace
} // namespace switchyard::jobs::evaluate
