// Simulators over some rows of a trace: against another trace that consists of these rows.

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "analyzers/report/json.h"
#include "analyzers/simulators/expert_cache/expert_cache.h"
#include "app/jobs/simulate.h"
#include "core/base/rng.h"
#include "core/trace/writer.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs {
namespace {

constexpr int kLayers = 3, kExperts = 16, kK = 3, kSequences = 6;
constexpr std::int64_t kPrompt = 150;

std::int64_t rowsOf(int sequence) {
  return 700 + 450 * sequence;
}

/// Three different experts; neighbouring rows have some in common.
std::vector<std::int32_t> expertsAt(int sequence, int layer, std::int64_t row) {
  base::Rng rng(static_cast<std::uint64_t>(sequence * 31 + layer),
                static_cast<std::uint64_t>(row / 3));
  const auto first = static_cast<std::int32_t>(rng.nextU64() % kExperts);
  return {first, (first + 1 + static_cast<std::int32_t>(row % 3)) % kExperts,
          (first + 7) % kExperts};
}

using Kept = std::function<bool(int sequence, std::int64_t row, std::int64_t rowOfTrace)>;

/// A trace of the rows that are kept, each sequence without the others; sequences of none are left
/// out.
std::shared_ptr<const trace::Trace> traceOf(const std::filesystem::path& path, const Kept& kept) {
  trace::TraceMeta meta;
  meta.stackLayers = kLayers + 1;
  meta.hidden = 4;
  meta.vocabulary = 10000;
  for (int layer = 0; layer < kLayers; ++layer)
    meta.layers.push_back({layer + 1, kExperts, kK}); // the first layer of the stack is dense
  auto writer = trace::TraceWriter::create(path, meta, {.weights = true});
  EXPECT_TRUE(writer) << (writer ? "" : writer.error().describe());
  std::int64_t start = 0, written = 0;
  for (int s = 0; s < kSequences; ++s) {
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < rowsOf(s); ++row)
      if (kept(s, row, start + row))
        rows.push_back(row);
    start += rowsOf(s);
    if (rows.empty())
      continue;
    trace::SequenceInfo info;
    info.index = written++;
    info.id = "s" + std::to_string(s);
    EXPECT_TRUE((*writer)->beginSequence(info));
    for (int layer = 0; layer < kLayers; ++layer) {
      std::vector<std::int32_t> ids;
      std::vector<float> weights;
      for (const std::int64_t row : rows)
        for (const std::int32_t id : expertsAt(s, layer, row)) {
          ids.push_back(id);
          weights.push_back(static_cast<float>(row) + static_cast<float>(id) / 64.0F);
        }
      trace::RoutingRows routing;
      routing.rows = static_cast<std::int64_t>(rows.size());
      routing.ids = ids;
      routing.weights = weights;
      EXPECT_TRUE((*writer)->addRouting(layer, routing));
    }
    std::vector<std::int32_t> tokens;
    for (const std::int64_t row : rows)
      tokens.push_back(static_cast<std::int32_t>(s * 1000 + row % 1000));
    EXPECT_TRUE((*writer)->endSequence(
        tokens, std::ranges::count_if(rows, [](std::int64_t row) { return row < kPrompt; })));
  }
  EXPECT_TRUE((*writer)->finish());
  const auto trace = trace::Trace::open(path);
  EXPECT_TRUE(trace) << (trace ? "" : trace.error().describe());
  return trace ? *trace : nullptr;
}

/// Everything that a simulator is given, but the index of the sequence.
struct Event {
  std::string sequence;
  std::vector<std::int32_t> tokens;
  std::int64_t promptLength = 0, firstToken = 0, rows = 0;
  int layer = 0;
  std::vector<std::uint16_t> ids;
  std::vector<float> weights;
  bool operator==(const Event&) const = default;
};

struct Recorder final : trace::Simulator {
  std::vector<Event> events;
  std::string_view id() const override { return "recorder"; }
  base::Result<void> begin(std::span<const trace::LayerInfo>,
                           const trace::MachineDescription&) override {
    return {};
  }
  base::Result<void> add(const trace::RoutingBlock& block) override {
    events.push_back({block.sequence->id,
                      block.sequence->tokens,
                      block.sequence->promptLength,
                      block.firstToken,
                      block.rows,
                      block.moeLayer,
                      {block.ids.begin(), block.ids.end()},
                      {block.weights.begin(), block.weights.end()}});
    return {};
  }
  base::Result<trace::AnalysisResult> result() const override { return trace::AnalysisResult(); }
};

struct Case {
  const char* name;
  RowFilter filter;
  Kept kept;
};

bool routed(int sequence, std::int64_t row) {
  const auto experts = expertsAt(sequence, 1, row);
  return std::ranges::find(experts, 4) != experts.end();
}

std::vector<Case> cases() {
  const auto within = [](std::int64_t first, std::int64_t last) {
    return [=](int, std::int64_t, std::int64_t at) { return at >= first && at < last; };
  };
  return {{"a range over sequences", {.range = {{500, 3100}}}, within(500, 3100)},
          {"one row", {.range = {{701, 702}}}, within(701, 702)},
          {"an expert's rows",
           {.range = {}, .routedTo = {{2, 4}}},
           [](int s, std::int64_t row, std::int64_t) { return routed(s, row); }},
          {"an expert's rows in a range",
           {.range = {{600, 5000}}, .routedTo = {{2, 4}}},
           [&](int s, std::int64_t row, std::int64_t at) {
             return at >= 600 && at < 5000 && routed(s, row);
           }}};
}

TEST(Simulate, SeesTheKeptRowsAsIfTheTraceConsistedOfThem) {
  const tests::TempFolder folder;
  const auto all =
      traceOf(folder / "all.swy", [](int, std::int64_t, std::int64_t) { return true; });
  ASSERT_TRUE(all);
  int number = 0;
  for (const Case& each : cases()) {
    const auto some = traceOf(folder / ("some" + std::to_string(number++) + ".swy"), each.kept);
    ASSERT_TRUE(some);
    for (const std::int64_t step : {1, 8, 700, 3000}) {
      Recorder filtered, whole;
      const auto got = simulate(all, filtered, {}, step, each.filter, {});
      const auto want = simulate(some, whole, {}, step, {}, {});
      ASSERT_TRUE(got && want) << each.name;
      EXPECT_TRUE(filtered.events == whole.events) << each.name << ", step " << step;
      EXPECT_EQ(got->provenance.tokens, some->tokens());
      EXPECT_EQ(got->provenance.sequences, some->sequences());
      EXPECT_EQ(got->provenance.filter, each.filter.description());
    }
  }
}

TEST(Simulate, StepsAreOfKeptTokens) {
  const tests::TempFolder folder;
  const auto all =
      traceOf(folder / "all.swy", [](int, std::int64_t, std::int64_t) { return true; });
  ASSERT_TRUE(all);
  Recorder recorder;
  ASSERT_TRUE(simulate(all, recorder, {}, 8, {.range = {}, .routedTo = {{2, 4}}}, {}));
  // Full steps of eight rows that are not neighbours, all layers of a step before the next step.
  for (std::size_t e = 0; e < recorder.events.size(); ++e) {
    const Event& event = recorder.events[e];
    EXPECT_EQ(event.layer, static_cast<int>(e % kLayers));
    EXPECT_EQ(event.firstToken % 8, 0);
    EXPECT_EQ(event.rows, std::min<std::int64_t>(8, static_cast<std::int64_t>(event.tokens.size()) -
                                                        event.firstToken));
  }
}

TEST(Simulate, ACacheUnderAFilterIsTheCacheOfThoseRows) {
  const tests::TempFolder folder;
  const auto all =
      traceOf(folder / "all.swy", [](int, std::int64_t, std::int64_t) { return true; });
  ASSERT_TRUE(all);
  const auto cache = [](const std::shared_ptr<const trace::Trace>& trace, const RowFilter& rows) {
    analyzers::ExpertCacheSimulator simulator({.capacities = {3, 5, 8, 12}});
    auto result = simulate(trace, simulator, {}, 4, rows, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().describe());
    result->provenance.filter.clear();
    return analyzers::report::toJson(*result);
  };
  int number = 0;
  for (const Case& each : cases()) {
    const auto some = traceOf(folder / ("some" + std::to_string(number++) + ".swy"), each.kept);
    const std::string filtered = cache(all, each.filter);
    EXPECT_EQ(filtered, cache(some, {})) << each.name;
    EXPECT_NE(filtered, cache(all, {})) << each.name;
  }
}

TEST(Simulate, RefusesAnExpertThatIsNotThere) {
  const tests::TempFolder folder;
  const auto all =
      traceOf(folder / "all.swy", [](int s, std::int64_t, std::int64_t) { return s == 0; });
  ASSERT_TRUE(all);
  for (const std::pair<int, int>& expert : {std::pair(0, 3), {2, kExperts}}) {
    Recorder recorder;
    const auto result = simulate(all, recorder, {}, 1, {.range = {}, .routedTo = expert}, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::InvalidArgument);
  }
  Recorder recorder;
  const auto none = simulate(all, recorder, {}, 1, {.range = {{5000, 6000}}}, {});
  ASSERT_TRUE(none);
  EXPECT_TRUE(recorder.events.empty());
  EXPECT_EQ(none->provenance.tokens, 0);
}

} // namespace
} // namespace switchyard::jobs
