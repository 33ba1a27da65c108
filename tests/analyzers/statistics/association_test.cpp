#include "analyzers/statistics/association.h"

#include <cmath>

#include "analyzers/statistics/distances.h"
#include "analyzers/statistics/multiple_testing.h"
#include "analyzers/statistics/mutual_information.h"
#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;

constexpr Tolerance kRatio{1e-12, 0.0};
constexpr Tolerance kMeasure{1e-9, 1e-12};
constexpr Tolerance kG{1e-9, 1e-9};
constexpr Tolerance kP{1e-8, 1e-300};

std::vector<double> flat(const nlohmann::json& matrix) {
  std::vector<double> values;
  for (const auto& row : matrix)
    for (const auto& value : row)
      values.push_back(value.get<double>());
  return values;
}

class Cooccurrence : public ::testing::TestWithParam<int> {
protected:
  const nlohmann::json& trace() const { return golden("cooccurrence.json")["trace"]; }
  const nlohmann::json& part(const std::string& suffix = "") const {
    return golden("cooccurrence.json")["expected"]["layer_" + std::to_string(GetParam()) + suffix];
  }
};

TEST_P(Cooccurrence, PairMeasures) {
  const int k = trace()["k"];
  const int experts = trace()["experts"];
  const std::int64_t total = trace()["tokens"];
  const auto counts = testing::integers(part()["counts"]);
  std::vector<double> testable;
  std::vector<nlohmann::json> adjusted;
  for (const auto& row : part()["pairs"]) {
    SCOPED_TRACE(row.dump());
    const std::int64_t both = row[2];
    const auto got = associate({counts[row[0]], counts[row[1]], both, total});
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(close(got->lift, row[3], kRatio));
    EXPECT_TRUE(close(got->jaccard, row[4], kRatio));
    EXPECT_TRUE(close(got->phi, row[5], kMeasure));
    EXPECT_TRUE(close(pairsOverUniformRouting(both, total, k, experts), row[6], kRatio));
    EXPECT_TRUE(close(got->g, row[7], kG));
    EXPECT_TRUE(close(got->gP, row[8], kP));
    EXPECT_TRUE(close(got->gLogP, row[9], kG));
    if (got->gP) {
      testable.push_back(*got->gP);
      adjusted.push_back(row[10]);
    }
  }
  const auto bh = adjustPValues(testable, Correction::BenjaminiHochberg);
  ASSERT_TRUE(bh.has_value());
  for (std::size_t i = 0; i < testable.size(); ++i)
    EXPECT_TRUE(close((*bh)[i], adjusted[i], kP));
}

TEST_P(Cooccurrence, LabelMeasures) {
  const auto& want = part("_labels");
  const auto& rows = want["specialization"];
  for (std::size_t a = 0; a < rows.size(); ++a)
    for (std::size_t b = 0; b < rows.size(); ++b) {
      const auto got = distances(testing::numbers(rows[a]), testing::numbers(rows[b]));
      ASSERT_TRUE(got.has_value() && got->has_value());
      const double wanted = want["js_distance"][a][b];
      EXPECT_TRUE(close((*got)->jsDistance * (*got)->jsDistance, wanted * wanted, kMeasure));
    }
  const std::size_t experts = rows[0].size();
  for (std::size_t e = 0; e < experts; ++e) {
    std::vector<double> column;
    for (const auto& row : rows)
      column.push_back(row[e].get<double>());
    const auto got = entropy(column);
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(close(*got ? std::optional((*got)->nats) : std::nullopt, want["label_entropy"][e],
                      kMeasure));
  }
  const auto information = mutualInformation(flat(want["counts"]), rows.size(), experts);
  ASSERT_TRUE(information.has_value());
  EXPECT_TRUE(close(*information, want["mutual_information"], kMeasure));
}

TEST_P(Cooccurrence, TransitionInformation) {
  const auto& want = part("_next_token");
  const std::size_t experts = want["counts"].size();
  EXPECT_TRUE(close(*mutualInformation(flat(want["counts"]), experts, experts),
                    want["mutual_information"], kMeasure));
  EXPECT_TRUE(close(*mutualInformation(flat(want["top1_counts"]), experts, experts),
                    want["mutual_information_top1"], kMeasure));
}

INSTANTIATE_TEST_SUITE_P(Layers, Cooccurrence, ::testing::Values(0, 1, 2));

TEST(Association, FixedKBaseline) {
  EXPECT_DOUBLE_EQ(fixedKLift(4, 16), 0.8);
  // Every 2-subset of 4 experts once: lift of any pair is the baseline.
  EXPECT_DOUBLE_EQ(*associate({3, 3, 1, 6})->lift, fixedKLift(2, 4));
  EXPECT_DOUBLE_EQ(*pairsOverUniformRouting(1, 6, 2, 4), 1.0);
  EXPECT_FALSE(pairsOverUniformRouting(0, 6, 1, 4).has_value());
}

TEST(Association, UndefinedAndBadTables) {
  const auto never = associate({0, 5, 0, 10});
  ASSERT_TRUE(never.has_value());
  EXPECT_FALSE(never->lift || never->phi || never->g);
  EXPECT_EQ(never->jaccard, 0.0);
  EXPECT_FALSE(associate({0, 0, 0, 10})->jaccard.has_value());
  EXPECT_FALSE(associate({2, 5, 3, 10}).has_value());
  EXPECT_FALSE(associate({8, 8, 1, 10}).has_value());
  EXPECT_FALSE(associate({-1, -1, -1, 10}).has_value());
  EXPECT_FALSE(associate({1, 1, 1, INT64_MAX}).has_value());
}

TEST(MutualInformation, TablesAndLabelsAgree) {
  const std::vector<std::int64_t> a{5, 5, -1, -1, 7, 7, 7, 5};
  const std::vector<std::int64_t> b{0, 1, 1, 1, 0, 0, 1, 0};
  const std::vector<double> table{0, 2, 2, 1, 2, 1}; // rows -1, 5, 7
  EXPECT_NEAR(*mutualInformation(a, b), *mutualInformation(table, 3, 2), 1e-15);
  EXPECT_EQ(*mutualInformation(std::vector<double>(6, 0.0), 2, 3), 0.0);
  EXPECT_FALSE(mutualInformation(table, 4, 2).has_value());
  EXPECT_FALSE(mutualInformation(table, 0, 0).has_value());
  EXPECT_FALSE(mutualInformation(std::vector<double>{1.0, -1.0}, 1, 2).has_value());
  EXPECT_FALSE(mutualInformation(a, std::span(b).first(3)).has_value());
}

} // namespace
} // namespace switchyard::statistics
