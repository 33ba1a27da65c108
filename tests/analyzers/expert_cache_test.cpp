#include "analyzers/simulators/expert_cache/expert_cache.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/analyzers/trace_data.h"

namespace switchyard::analyzers {
namespace {

using nlohmann::json;
using Events = std::vector<std::vector<std::uint32_t>>;

CachePolicy policyOf(const std::string& text) {
  for (CachePolicy p : kCachePolicies) {
    if (name(p) == text)
      return p;
  }
  ADD_FAILURE() << text;
  return CachePolicy::Lru;
}

/// Next event with the same id, by searching forward.
std::vector<std::int64_t> nextUses(const Events& events, std::size_t event) {
  std::vector<std::int64_t> out;
  for (std::uint32_t id : events[event]) {
    std::int64_t next = kNeverAgain;
    for (std::size_t e = event + 1; e < events.size() && next == kNeverAgain; ++e) {
      if (std::ranges::count(events[e], id) > 0)
        next = static_cast<std::int64_t>(e);
    }
    out.push_back(next);
  }
  return out;
}

TEST(ExpertCache, goldenEventLogs) {
  const json file = test::readJson(std::string(SY_TEST_DATA) + "/golden/simulators/cache.json");
  const std::uint32_t experts = file["experts"];
  for (const json& c : file["cases"]) {
    const std::string name = c["name"];
    Events events;
    for (const json& row : file["trace"]) {
      const std::uint32_t layer = row[1];
      if (c["scope"] == "per_layer" && layer != c["layer"].get<std::uint32_t>())
        continue;
      events.emplace_back();
      for (const json& id : row[2])
        events.back().push_back(id.get<std::uint32_t>() +
                                (c["scope"] == "global" ? layer * experts : 0));
    }
    ExpertCache cache(policyOf(c["policy"]), c["capacity"], experts * 3);
    ASSERT_EQ(c["events"].size(), events.size());
    for (std::size_t e = 0; e < events.size(); ++e) {
      CacheEvent log;
      cache.step(events[e], nextUses(events, e), &log);
      const json got = {log.hits, log.misses, log.evicted};
      ASSERT_EQ(got, c["events"][e]) << name << " event " << e;
    }
    EXPECT_EQ(cache.hits(), c["hits"].get<std::int64_t>()) << name;
    EXPECT_EQ(cache.misses(), c["misses"].get<std::int64_t>()) << name;
    EXPECT_EQ(cache.evictions(), c["evictions"].get<std::int64_t>()) << name;
  }
}

TEST(ExpertCache, handWorkedCase) {
  const json hand = test::golden("cooccurrence.json")["hand_cache"][0];
  const Events events = hand["events"];
  for (const auto& [policy, hits] : hand["hits"].items()) {
    ExpertCache cache(policyOf(policy), hand["capacity"], 6);
    for (std::size_t e = 0; e < events.size(); ++e)
      EXPECT_EQ(cache.step(events[e], nextUses(events, e)), hits[e].get<std::size_t>())
          << policy << " event " << e;
  }
}

/// One token is one event; documents follow one another.
void feedTokens(ExpertCacheSimulator& simulator, const test::TraceData& data,
                const trace::MachineDescription& machine) {
  ASSERT_TRUE(simulator.begin(data.layers, machine));
  for (std::size_t s = 0; s < data.sequences.size(); ++s) {
    for (std::int64_t t = 0; t < data.rows(s, 0); ++t) {
      for (std::size_t l = 0; l < data.layers.size(); ++l)
        ASSERT_TRUE(simulator.add(data.block(s, l, t, 1)));
    }
  }
}

TEST(ExpertCache, hitCountsOfTheGoldenTrace) {
  const json file = test::golden("cooccurrence.json");
  const test::TraceData all = test::cooccurrenceTrace(file);
  for (std::size_t l = 0; l < 3; ++l) {
    test::TraceData one = all;
    one.layers = {all.layers[l]};
    for (auto& columns : one.columns)
      columns = {columns[l]};
    const json& want = file["expected"]["layer_" + std::to_string(l) + "_cache"];
    ExpertCacheSimulator simulator({.capacities = want["capacities"]});
    trace::MachineDescription machine;
    machine.loadBandwidth = 1e9;
    machine.loadLatency = 1e-5;
    machine.expertBytes = 1e6;
    feedTokens(simulator, one, machine);
    for (const CacheOutcome& o : simulator.replay()) {
      const auto at = static_cast<std::size_t>(
          std::ranges::find(want["capacities"], json(o.capacity)) - want["capacities"].begin());
      EXPECT_EQ(o.accesses, want["accesses"].get<std::int64_t>());
      EXPECT_EQ(o.hits, want["hits"][std::string(name(o.policy))][at].get<std::int64_t>())
          << name(o.policy) << " capacity " << o.capacity;
      EXPECT_EQ(o.misses, o.compulsory + *o.workingSetLoss + *o.policyLoss);
      EXPECT_GE(*o.policyLoss, o.capacity >= 4 ? 0 : -10000) << "nothing beats Belady";
      EXPECT_NEAR(*o.stallSeconds, static_cast<double>(o.misses) * 1.01e-3, 1e-9);
    }
  }
}

TEST(ExpertCache, publishedConformanceTrace) {
  const std::string folder = std::string(SY_SHARED) +
                             "/real-data/moe-cache-eval/paper/artifacts/event-atomic-toy-trace-v1";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "*** NOT TESTED: the published conformance trace in " << folder
                 << " is not here ***";
  std::ifstream in(folder + "/events.csv");
  std::string line;
  const auto next = [&] {
    const bool more = static_cast<bool>(std::getline(in, line));
    if (more && line.ends_with('\r'))
      line.pop_back();
    return more;
  };
  ASSERT_TRUE(next());
  ASSERT_EQ(line, "event_index,scheduler_step,layer,requested_experts,misses,hits");
  std::map<int, ExpertCache> caches;
  std::int64_t hits = 0, misses = 0, evictions = 0;
  while (next()) {
    std::vector<std::string> fields;
    std::stringstream row(line);
    for (std::string field; std::getline(row, field, ',');)
      fields.push_back(field);
    ASSERT_EQ(fields.size(), 6u) << line;
    std::vector<std::uint32_t> ids;
    std::stringstream experts(fields[3]);
    for (std::uint32_t id; experts >> id;)
      ids.push_back(id);
    auto [cache, isNew] = caches.try_emplace(std::stoi(fields[2]), CachePolicy::Lru, 2, 4);
    EXPECT_EQ(cache->second.step(ids, {}), std::stoul(fields[5])) << line;
  }
  for (const auto& [layer, cache] : caches) {
    hits += cache.hits();
    misses += cache.misses();
    evictions += cache.evictions();
  }
  const json expected = test::readJson(folder + "/manifest.json")["expected"];
  EXPECT_EQ(hits, expected["hits"].get<std::int64_t>());
  EXPECT_EQ(misses, expected["misses"].get<std::int64_t>());
  EXPECT_EQ(evictions, expected["evictions"].get<std::int64_t>());
}

TEST(ExpertCache, eventsOfSeveralRowsAreUnionsAndTheReplayIsBounded) {
  test::TraceData data;
  data.layers = {{0, 6, 2}};
  data.sequences.emplace_back();
  data.columns = {{test::TraceData::Column{{0, 1, 1, 2, 3, trace::kNoExpert}, {}, {}, {}}}};
  ExpertCacheSimulator simulator({.capacities = {3}, .maxEvents = 2});
  ASSERT_TRUE(simulator.begin(data.layers, {}));
  ASSERT_TRUE(simulator.add(data.block(0, 0, 0, 3)));
  ASSERT_TRUE(simulator.add(data.block(0, 0, 0, 1)));
  ASSERT_TRUE(simulator.add(data.block(0, 0, 0, 1)));
  const auto outcomes = simulator.replay();
  EXPECT_EQ(outcomes[0].accesses, 4 + 2);
  const auto result = simulator.result();
  ASSERT_TRUE(result);
  EXPECT_NE(result->warnings[0].find("1 more were left out"), std::string::npos);
  EXPECT_FALSE(ExpertCacheSimulator({.capacities = {-1}}).begin(data.layers, {}));
  trace::MachineDescription machine;
  machine.expertBytes = -1;
  EXPECT_FALSE(ExpertCacheSimulator().begin(data.layers, machine));
}

} // namespace
} // namespace switchyard::analyzers
