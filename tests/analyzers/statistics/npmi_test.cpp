#include "analyzers/statistics/npmi.h"

#include <algorithm>

#include "tests/analyzers/statistics/golden.h"

namespace switchyard::statistics {
namespace {

using testing::close;
using testing::golden;
using testing::Tolerance;
using testing::tolerance;

constexpr Tolerance kNpmi{0.0, 1e-11};

TEST(Npmi, GoldenRows) {
  const auto& file = golden("npmi.json");
  ASSERT_EQ(file["cases"].size(), 38u);
  for (const auto& item : file["cases"]) {
    SCOPED_TRACE(item.dump());
    const std::int64_t tokens = item["T"];
    const auto got = markerAssociation({tokens, item["M"], item["K"], item["k"]});
    ASSERT_TRUE(got.has_value());
    const auto& demand =
        tokens > 100'000 ? file["tolerance"]["population_over_1e5"] : file["tolerance"];
    EXPECT_TRUE(close(got->npmi, item["npmi"], kNpmi));
    const auto part = [&](double Probability::*member) -> std::optional<double> {
      return got->atLeast ? std::optional((*got->atLeast).*member) : std::nullopt;
    };
    EXPECT_TRUE(close(part(&Probability::p), item["p_at_least"], tolerance(demand["p"])));
    EXPECT_TRUE(
        close(part(&Probability::logP), item["log_p_at_least"], tolerance(demand["log_p"])));
    EXPECT_EQ(got->supported, item["supported"].get<bool>());
  }
}

TEST(Npmi, CompositeRanking) {
  const auto& item = golden("npmi.json")["composite"][0];
  struct Ranked {
    double score;
    std::size_t layer, expert;
  };
  std::vector<Ranked> ranking;
  for (std::size_t layer = 0; layer < item["K"].size(); ++layer)
    for (std::size_t expert = 0; expert < item["K"][layer].size(); ++expert) {
      std::optional<double> score = 0.0;
      for (std::size_t m = 0; m < item["markers"].size(); ++m) {
        const auto& marker = item["markers"][m];
        const auto got = markerAssociation(
            {item["T"], marker["M"], item["K"][layer][expert], marker["k"][layer][expert]});
        ASSERT_TRUE(got.has_value());
        EXPECT_TRUE(close(got->npmi, item["npmi"][m][layer][expert], kNpmi));
        score = score && got->npmi
                    ? std::optional(*score + marker["coefficient"].get<double>() * *got->npmi)
                    : std::nullopt;
      }
      EXPECT_TRUE(close(score, item["score"][layer][expert], kNpmi));
      if (score)
        ranking.push_back({*score, layer, expert});
    }
  std::stable_sort(ranking.begin(), ranking.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
  ASSERT_EQ(ranking.size(), item["ranking"].size());
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    EXPECT_EQ(ranking[i].layer, item["ranking"][i][0].get<std::size_t>()) << i;
    EXPECT_EQ(ranking[i].expert, item["ranking"][i][1].get<std::size_t>()) << i;
  }
}

TEST(Npmi, RefusesImpossibleCounts) {
  EXPECT_FALSE(markerAssociation({10, 3, 3, 4}).has_value());
  EXPECT_FALSE(markerAssociation({10, 8, 8, 1}).has_value());
  EXPECT_FALSE(markerAssociation({10, 11, 3, 3}).has_value());
  EXPECT_FALSE(markerAssociation({10, 3, 3, -1}).has_value());
}

} // namespace
} // namespace switchyard::statistics
