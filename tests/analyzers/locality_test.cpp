#include "analyzers/locality/locality.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using test::TraceData;

TEST(Locality, goldenRepeatRates) {
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Locality locality;
  data.feedAll(locality, 13);
  for (std::size_t l = 0; l < 3; ++l) {
    const json& want =
        file["expected"]["layer_" + std::to_string(l) + "_locality"]["repeat_rate_at_lag"];
    const LayerLocality got = locality.layer(l);
    const char* lags[] = {"1", "2", "4", "8"};
    for (std::size_t i = 0; i < 4; ++i)
      test::expectNear(got.repeat[i], want[lags[i]], 1e-12, 0, "repeat");
  }
}

/// The golden reuse histograms run through all documents: one sequence here.
TEST(Locality, goldenReuseDistances) {
  const json file = test::golden("cooccurrence.json");
  const TraceData documents = test::cooccurrenceTrace(file);
  TraceData data;
  data.layers = documents.layers;
  data.sequences.emplace_back();
  data.columns = {std::vector<TraceData::Column>(3)};
  for (const auto& columns : documents.columns) {
    for (std::size_t l = 0; l < 3; ++l)
      data.columns[0][l].ids.insert(data.columns[0][l].ids.end(), columns[l].ids.begin(),
                                    columns[l].ids.end());
  }
  Locality locality;
  data.feedAll(locality, 100);
  for (std::size_t l = 0; l < 3; ++l) {
    const std::string layer = "layer_" + std::to_string(l);
    const json& want = file["expected"][layer + "_locality"];
    const LayerLocality got = locality.layer(l);
    EXPECT_EQ(got.reuse, want["reuse_histogram"].get<std::vector<std::int64_t>>());
    EXPECT_EQ(got.firstUses, want["first_uses"].get<std::int64_t>());
    const json& cache = file["expected"][layer + "_cache"];
    for (std::size_t c = 0; c < cache["capacities"].size(); ++c) {
      const int capacity = cache["capacities"][c];
      if (capacity < 4)
        continue; // below k the cache is not a stack
      EXPECT_NEAR(*got.hitRate(capacity), cache["hits"]["lru"][c].get<double>() / 8000, 1e-12);
    }
  }
}

TEST(LruStack, handWorkedDistances) {
  const json hand = test::golden("cooccurrence.json")["hand_cache"][0];
  std::size_t at = 0;
  LruStack stack(6);
  for (const json& event : hand["events"]) {
    std::vector<std::int64_t> histogram(6), want(6);
    int first = 0;
    for (std::size_t i = 0; i < event.size(); ++i, ++at) {
      const json& d = hand["reuse_distances"][at];
      if (d.is_null())
        ++first;
      else
        ++want[d.get<std::size_t>()];
    }
    const auto ids = event.get<std::vector<std::uint16_t>>();
    std::uint64_t set = 0;
    for (std::uint16_t id : ids)
      set |= std::uint64_t{1} << id;
    EXPECT_EQ(stack.use(ids, {&set, 1}, histogram.data()), first);
    EXPECT_EQ(histogram, want) << event;
  }
}

/// Against a plain list, with more experts than a word has bits.
TEST(LruStack, manyExpertsAgainstAPlainList) {
  std::mt19937 random(8);
  constexpr int kExperts = 150;
  LruStack stack(kExperts);
  std::vector<std::uint16_t> list; // most recent first
  std::vector<std::int64_t> histogram(kExperts), want(kExperts);
  for (int event = 0; event < 400; ++event) {
    std::set<std::uint16_t> chosen;
    while (chosen.size() < 5)
      chosen.insert(
          static_cast<std::uint16_t>(random() % kExperts * (random() % kExperts) / kExperts));
    int first = 0;
    for (std::uint16_t id : chosen) {
      const auto at = std::ranges::find(list, id);
      if (at == list.end())
        ++first;
      else
        ++want[static_cast<std::size_t>(at - list.begin())];
    }
    for (std::uint16_t id : chosen) { // ascending: the highest ends on top
      std::erase(list, id);
      list.insert(list.begin(), id);
    }
    std::vector<std::uint64_t> set(setWords(kExperts));
    for (std::uint16_t id : chosen)
      insert(set, id);
    const std::vector<std::uint16_t> ids(chosen.begin(), chosen.end());
    ASSERT_EQ(stack.use(ids, set, histogram.data()), first);
    ASSERT_EQ(histogram, want) << "event " << event;
  }
}

TEST(Locality, workingSetsAgainstPlainSets) {
  const json file = test::golden("cooccurrence.json");
  const TraceData data = test::cooccurrenceTrace(file);
  Locality locality({.windows = {1, 10}});
  data.feedAll(locality, 7);
  double distinct = 0, windows = 0;
  for (const auto& columns : data.columns) {
    const auto& ids = columns[1].ids;
    for (std::size_t t = 0; t + 40 <= ids.size(); t += 40) {
      distinct += static_cast<double>(std::set(ids.begin() + static_cast<std::ptrdiff_t>(t),
                                               ids.begin() + static_cast<std::ptrdiff_t>(t) + 40)
                                          .size());
      ++windows;
    }
  }
  EXPECT_DOUBLE_EQ(*locality.layer(1).workingSet[0], 4);
  EXPECT_DOUBLE_EQ(*locality.layer(1).workingSet[1], distinct / windows);
  EXPECT_FALSE(Locality({.lags = {64}}).begin(data.layers));
  EXPECT_FALSE(Locality({.windows = {0}}).begin(data.layers));
}

TEST(Locality, unusedAndRepeatedSlotsAreNoUses) {
  TraceData data;
  data.layers = {{0, 4, 3}};
  data.sequences.emplace_back();
  data.columns = {{TraceData::Column{{1, 1, trace::kNoExpert, 1, 2, 2}, {}, {}, {}}}};
  Locality locality;
  data.feedAll(locality);
  const LayerLocality got = locality.layer(0);
  EXPECT_EQ(got.firstUses, 2);
  EXPECT_EQ(got.reuse, (std::vector<std::int64_t>{1, 0, 0, 0}));
}

} // namespace
} // namespace switchyard::analyzers
