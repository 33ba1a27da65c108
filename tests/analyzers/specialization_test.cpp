#include "analyzers/specialization/specialization.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "analyzers/specialization/label_tests.h"
#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using test::expectNear;
using test::TraceData;

TEST(Specialization, goldenLabels) {
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Specialization s;
  data.feedAll(s, 64);
  const std::vector<std::string> names = file["trace"]["label_names"];
  for (std::size_t l = 0; l < 3; ++l) {
    const json& want = file["expected"]["layer_" + std::to_string(l) + "_labels"];
    const LabelSpecialization got = s.labels(l);
    ASSERT_EQ(got.labels.size(), names.size());
    std::vector<std::size_t> at; // golden label -> row (rows are in order of name)
    for (const std::string& name : names)
      at.push_back(
          static_cast<std::size_t>(std::ranges::find(got.labels, name) - got.labels.begin()));
    for (std::size_t d = 0; d < names.size(); ++d) {
      EXPECT_EQ(got.rows[at[d]].tokens, want["label_tokens"][d].get<std::int64_t>());
      EXPECT_EQ(got.rows[at[d]].counts, want["counts"][d].get<std::vector<std::int64_t>>());
      for (std::size_t e = 0; e < 16; ++e) {
        expectNear(got.share(at[d], e), want["specialization"][d][e], 1e-12, 0, "share");
        expectNear(got.lift(at[d], e), want["lift"][d][e], 1e-12, 0, "lift");
        expectNear(got.shareFirst(at[d], e), want["specialization_top1"][d][e], 1e-12, 0, "top1");
      }
      for (std::size_t other = 0; other < names.size(); ++other)
        expectNear(got.distance(at[d], at[other]), want["js_distance"][d][other], 1e-9, 1e-12,
                   "JS");
    }
    for (std::size_t e = 0; e < 16; ++e)
      expectNear(got.entropy(e), want["label_entropy"][e], 1e-9, 1e-12, "entropy");
    expectNear(got.mutualInformation(), want["mutual_information"], 1e-9, 1e-12, "MI");
  }
}

void expectVocabulary(const VocabularyCounts& got, VocabularyItem item, std::size_t layer,
                      const json& want, bool firstSeen) {
  const std::string key = firstSeen ? "favourite_first_seen" : "favourite";
  for (std::int64_t id = 0; id < 50; ++id) {
    const auto i = static_cast<std::size_t>(id);
    const std::int64_t n = got.occurrences(item, layer, id);
    EXPECT_EQ(n, want["occurrences"][i].get<std::int64_t>());
    const int favourite = got.favourite(item, layer, id);
    if (want[key][i].is_null() || n == 0) {
      EXPECT_EQ(favourite, -1);
      continue;
    }
    EXPECT_EQ(favourite, want[key][i].get<int>()) << "id " << id << " layer " << layer;
    const auto counts = got.counts(item, layer, id);
    EXPECT_EQ(counts, want["counts"][i].get<std::vector<std::uint32_t>>());
    expectNear(static_cast<double>(counts[static_cast<std::size_t>(favourite)]) /
                   static_cast<double>(n),
               want["share"][i], 1e-12, 0, "share");
  }
  for (int minCount : {1, 10}) {
    const std::string suffix = "_min" + std::to_string(minCount);
    const VocabularySpecialization v = got.layer(item, layer, minCount, 0).filtered;
    expectNear(v.mean, want["layer" + suffix], 1e-12, 0, "layer mean");
    const json& experts = want[(firstSeen ? "experts_first_seen" : "experts") + suffix];
    for (std::size_t e = 0; e < 16; ++e)
      expectNear(v.experts[e], experts[e], 1e-12, 0, "expert mean");
  }
  expectNear(got.layer(item, layer, 1, 0).mutualInformation, want["mutual_information"], 1e-9,
             1e-12, "MI");
}

class GoldenVocabulary : public testing::TestWithParam<std::tuple<int, bool>> {};

TEST_P(GoldenVocabulary, favouritesAndMeans) {
  const auto [ranks, firstSeen] = GetParam();
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Specialization s({.vocabularyOptions = {.ranks = ranks, .firstSeen = firstSeen}});
  data.feedAll(s, 33);
  const std::string key = ranks == 1 ? "k1" : "k4";
  for (std::size_t l = 0; l < 3; ++l) {
    const std::string layer = "layer_" + std::to_string(l);
    expectVocabulary(s.vocabulary(), VocabularyItem::Input, l,
                     file["expected"][layer + "_input_id"][key], firstSeen);
    expectVocabulary(s.vocabulary(), VocabularyItem::Next, l,
                     file["expected"][layer + "_next_id"][key], firstSeen);
  }
}

INSTANTIATE_TEST_SUITE_P(RanksAndTies, GoldenVocabulary,
                         testing::Combine(testing::Values(0, 1), testing::Bool()));

TEST(Vocabulary, topTokensAndContextSensitivityAgainstPlainLoops) {
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Specialization s;
  data.feedAll(s);
  const VocabularyLayer got = s.vocabulary().layer(VocabularyItem::Input, 2, 10, 3);
  const json& want = file["expected"]["layer_2_input_id"]["k4"];
  double favoured = 0, occurring = 0;
  for (std::size_t id = 0; id < 50; ++id) {
    const std::vector<double> counts = want["counts"][id];
    favoured += *std::ranges::max_element(counts);
    occurring += want["occurrences"][id].get<double>();
  }
  EXPECT_NEAR(*got.contextSensitivity, 1 - favoured / occurring, 1e-12);
  for (std::size_t e = 0; e < 16; ++e) {
    std::vector<std::tuple<double, double, int>> shares; // falling share, falling occurrences, id
    for (int id = 0; id < 50; ++id) {
      const double n = want["occurrences"][static_cast<std::size_t>(id)];
      const double c = want["counts"][static_cast<std::size_t>(id)][e];
      if (n >= 10 && c > 0)
        shares.emplace_back(-c / n, -n, id);
    }
    std::ranges::sort(shares);
    ASSERT_EQ(got.topTokens[e].size(), std::min<std::size_t>(3, shares.size()));
    for (std::size_t i = 0; i < got.topTokens[e].size(); ++i)
      EXPECT_EQ(got.topTokens[e][i].id, std::get<2>(shares[i])) << "expert " << e;
  }
}

/// Rare ids are counted in bytes, frequent ones in words: both sides of the limit, in one pass and
/// merged.
TEST(Vocabulary, countsPastTheByteLimit) {
  TraceData data;
  data.layers = {{0, 4, 3}};
  for (std::int64_t i = 0; i < 2; ++i) {
    trace::SequenceInfo info;
    info.index = i;
    info.tokens.assign(1000, 7);
    info.tokens.resize(1060, 8);
    data.sequences.push_back(info);
    TraceData::Column column;
    for (int t = 0; t < 1060; ++t)
      column.ids.insert(column.ids.end(), {0, 2, trace::kNoExpert});
    data.columns.push_back({column});
  }
  Specialization whole, half;
  data.feedAll(whole);
  ASSERT_TRUE(half.begin(data.layers));
  data.feed(half, 0);
  Specialization other;
  ASSERT_TRUE(other.begin(data.layers));
  data.feed(other, 1);
  ASSERT_TRUE(half.merge(other));
  for (const Specialization* s : {&whole, &half}) {
    EXPECT_EQ(s->vocabulary().counts(VocabularyItem::Input, 0, 7),
              (std::vector<std::uint32_t>{2000, 0, 2000, 0}));
    EXPECT_EQ(s->vocabulary().counts(VocabularyItem::Input, 0, 8),
              (std::vector<std::uint32_t>{120, 0, 120, 0}));
    EXPECT_EQ(s->vocabulary().occurrences(VocabularyItem::Input, 0, 7), 2000);
  }
}

TEST(Vocabulary, predictedIdsAndBoundedMemory) {
  TraceData data;
  data.layers = {{0, 4, 1}};
  trace::SequenceInfo info;
  info.tokens = {5, 900000, -1};
  data.sequences = {info};
  data.columns = {{TraceData::Column{{0, 1, 2}, {}, {}, {7, 7, 3}}}};
  Specialization s({.vocabularyOptions = {.maxBytes = 100 * 3 * 6 * 4}});
  data.feedAll(s);
  const VocabularyCounts& v = s.vocabulary();
  EXPECT_EQ(v.idLimit(), 100);
  EXPECT_EQ(v.occurrences(VocabularyItem::Predicted, 0, 7), 2);
  EXPECT_EQ(v.occurrences(VocabularyItem::Input, 0, 5), 1);
  EXPECT_EQ(v.occurrences(VocabularyItem::Input, 0, 900000), 0);
  EXPECT_EQ(v.skipped(), 4) << "900000 and -1, each as input and as next id";
  EXPECT_TRUE(s.result());
}

/// Two labels of 40 documents: expert 1 serves label "b" in every document, expert 3 differs only
/// by chance, and expert 2 only because "a" has longer documents (position).
TEST(Specialization, documentsDecideWhatIsSignificant) {
  std::mt19937 random(4);
  TraceData data;
  data.layers = {{0, 4, 1}};
  for (std::int64_t i = 0; i < 80; ++i) {
    trace::SequenceInfo info;
    const bool b = i % 2 == 1;
    info.index = i;
    info.tokens.resize(b ? 30 : 90);
    info.labels["domain"] = b ? "b" : "a";
    TraceData::Column column;
    for (std::size_t t = 0; t < info.tokens.size(); ++t) {
      const bool special = b && random() % 4 == 0;
      const bool late = t >= 31 && random() % 3 != 0;
      column.ids.push_back(special ? 1 : late ? 2 : random() % 2 == 0 ? 3 : 0);
    }
    data.sequences.push_back(info);
    data.columns.push_back({column});
  }
  Specialization s;
  data.feedAll(s);
  const auto tests = testLabels(s.labelCounts().closed(), 1, .05, 3);
  ASSERT_TRUE(tests) << tests.error().describe();
  const LabelTest& found = tests->tests[0][1][1];
  EXPECT_TRUE(found.positive);
  EXPECT_LT(*found.adjustedP, 1e-6);
  EXPECT_TRUE(found.found && *found.found && found.replicated && *found.replicated);
  EXPECT_LE(found.interval->low, .25);
  EXPECT_GE(found.interval->high, .25 - .03);
  const LabelSpecialization labels = s.labels(0);
  EXPECT_GT(*labels.share(0, 2) - *labels.share(1, 2), .3) << "label a uses expert 2";
  EXPECT_NEAR(*labels.positionAdjustedGap(0, 2), *labels.share(0, 2), .6);
  const auto result = s.result();
  ASSERT_TRUE(result);
  bool stated = false;
  for (const std::string& finding : result->findings)
    stated |= finding.find("seen again in the other half") != std::string::npos;
  EXPECT_TRUE(stated);
}

TEST(DocumentMoments, ratioEstimateAgainstPlainLoops) {
  const std::vector<std::pair<std::int64_t, std::int64_t>> documents = {
      {3, 10}, {0, 7}, {9, 12}, {5, 30}};
  DocumentMoments moments;
  moments.resize(1);
  double c = 0, n = 0;
  for (const auto& [count, tokens] : documents) {
    moments.add(std::vector<std::int64_t>{count}, tokens);
    c += static_cast<double>(count);
    n += static_cast<double>(tokens);
  }
  double squares = 0;
  for (const auto& [count, tokens] : documents) {
    const double residual = static_cast<double>(count) - c / n * static_cast<double>(tokens);
    squares += residual * residual;
  }
  const auto got = shareEstimate(moments, 0);
  ASSERT_TRUE(got);
  EXPECT_DOUBLE_EQ(got->share, c / n);
  EXPECT_NEAR(got->variance, 4.0 / 3 * squares / (n * n), 1e-15);
  EXPECT_EQ(got->df, 3);
  // scipy: t.ppf(.975, 3) = 3.182446305284263
  EXPECT_NEAR(interval(*got, .95).high,
              std::min(1.0, c / n + 3.182446305284263 * std::sqrt(got->variance)), 1e-12);
  moments = {};
  moments.resize(1);
  moments.add(std::vector<std::int64_t>{1}, 2);
  EXPECT_FALSE(shareEstimate(moments, 0)) << "one document has no error";
}

TEST(Specialization, labelsAreBoundedAndMissingOnesReported) {
  TraceData data;
  data.layers = {{0, 4, 1}};
  for (std::int64_t i = 0; i < 4; ++i) {
    trace::SequenceInfo info;
    info.index = i;
    info.tokens = {1};
    if (i > 0)
      info.labels["domain"] = std::to_string(i);
    data.sequences.push_back(info);
    data.columns.push_back({TraceData::Column{{0}, {}, {}, {}}});
  }
  Specialization s({.maxLabels = 2});
  ASSERT_TRUE(s.begin(data.layers));
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(s.add(data.block(i, 0, 0, 1)));
  const auto tooMany = s.add(data.block(3, 0, 0, 1));
  ASSERT_FALSE(tooMany);
  EXPECT_EQ(tooMany.error().code, base::ErrorCode::LimitExceeded);
  const auto result = s.result();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->findings.empty()) << "three tokens carry no verdict";
  EXPECT_NE(result->warnings[0].find("1 sequences without the label"), std::string::npos);
}

} // namespace
} // namespace switchyard::analyzers
