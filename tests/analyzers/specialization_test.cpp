#include "analyzers/specialization/specialization.h"

#include <gtest/gtest.h>

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
      at.push_back(static_cast<std::size_t>(std::ranges::find(got.labels, name) - got.labels.begin()));
    for (std::size_t d = 0; d < names.size(); ++d) {
      EXPECT_EQ(got.rows[at[d]].tokens, want["label_tokens"][d].get<std::int64_t>());
      EXPECT_EQ(got.rows[at[d]].counts, want["counts"][d].get<std::vector<std::int64_t>>());
      for (std::size_t e = 0; e < 16; ++e) {
        expectNear(got.share(at[d], e), want["specialization"][d][e], 1e-12, 0, "share");
        expectNear(got.lift(at[d], e), want["lift"][d][e], 1e-12, 0, "lift");
        expectNear(got.shareFirst(at[d], e), want["specialization_top1"][d][e], 1e-12, 0, "top1");
      }
      for (std::size_t other = 0; other < names.size(); ++other)
        expectNear(got.distance(at[d], at[other]), want["js_distance"][d][other], 1e-9, 1e-12, "JS");
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
    EXPECT_EQ(std::vector<std::uint32_t>(counts.begin(), counts.end()),
              want["counts"][i].get<std::vector<std::uint32_t>>());
    expectNear(static_cast<double>(counts[static_cast<std::size_t>(favourite)]) /
                   static_cast<double>(n),
               want["share"][i], 1e-12, 0, "share");
  }
  for (int minCount : {1, 10}) {
    const std::string suffix = "_min" + std::to_string(minCount);
    const VocabularySpecialization v = got.specialization(item, layer, minCount);
    expectNear(v.mean, want["layer" + suffix], 1e-12, 0, "layer mean");
    const json& experts = want[(firstSeen ? "experts_first_seen" : "experts") + suffix];
    for (std::size_t e = 0; e < 16; ++e)
      expectNear(v.experts[e], experts[e], 1e-12, 0, "expert mean");
  }
  expectNear(got.mutualInformation(item, layer), want["mutual_information"], 1e-9, 1e-12, "MI");
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
