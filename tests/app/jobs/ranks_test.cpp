// Jobs that several ranks share, with threads for ranks: the bytes of one process, and what happens
// when a rank fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/jobs/analyze.h"
#include "app/jobs/capture.h"
#include "app/jobs/ranks/event_tape.h"
#include "app/jobs/ranks/team.h"
#include "app/jobs/write_analysis.h"
#include "core/trace/writer.h"
#include "tests/app/jobs/thread_ranks.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs {
namespace {

using testing::asRanks;
using ::testing::HasSubstr;

std::shared_ptr<plugin::Registry> builtIns() {
  return plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build tree"}}});
}

std::string somePrompts(int count) {
  std::ifstream file(SY_DATA "/prompts/domains.jsonl");
  std::string rows;
  std::string line;
  for (int i = 0; i < count && std::getline(file, line); ++i)
    rows += line + "\n";
  return rows;
}

CaptureOptions captureOf(const tests::TempFolder& folder, const std::string& name) {
  CaptureOptions options;
  options.model = SY_DATA "/demo-model";
  options.prompts = folder / "p.jsonl";
  options.out = folder / name;
  options.registry = builtIns();
  return options;
}

TEST(CaptureOnRanks, TheBytesAreThoseOfOneProcess) {
  const tests::TempFolder folder;
  folder.write("p.jsonl", somePrompts(7));
  trace::Columns everything{.weights = true, .logits = true, .norms = true, .hidden = true};
  everything.lmLogits = everything.predicted = everything.distributions = true;
  const trace::Columns predicted{.weights = true, .predicted = true};
  for (const trace::Columns& columns : {everything, predicted}) {
    std::string expected;
    for (const int size : {1, 2, 3, 9}) {
      const std::string name = "t" + std::to_string(size) + ".swy";
      asRanks(size, [&](Ranks* ranks) {
        CaptureOptions options = captureOf(folder, name);
        options.columns = columns;
        options.generate = 3;
        options.sampler = {.temperature = 0.8, .seed = 5};
        options.overwrite = true;
        options.ranks = ranks;
        const auto result = capture(options, base::ThreadContext(1), {});
        ASSERT_TRUE(result) << result.error().describe();
        EXPECT_TRUE(result->complete);
        if (ranks == nullptr || ranks->rank() == 0) {
          EXPECT_EQ(result->sequences, 7);
        }
      });
      const std::string bytes = tests::slurp(folder / name);
      ASSERT_FALSE(bytes.empty());
      if (expected.empty())
        expected = bytes;
      EXPECT_TRUE(bytes == expected) << size << " ranks";
    }
  }
}

TEST(CaptureOnRanks, ARankThatCannotReadTheModelIsNamedAndNothingIsLeft) {
  const tests::TempFolder folder;
  folder.write("p.jsonl", somePrompts(3));
  asRanks(3, [&](Ranks* ranks) {
    CaptureOptions options = captureOf(folder, "t.swy");
    options.ranks = ranks;
    if (ranks->rank() == 2)
      options.model = folder / "no-such-model";
    const auto result = capture(options, base::ThreadContext(1), {});
    if (ranks->rank() > 0)
      return;
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::NotFound);
    EXPECT_THAT(result.error().describe(), HasSubstr("rank 2: "));
    EXPECT_THAT(result.error().describe(), HasSubstr("no-such-model"));
    EXPECT_FALSE(ranks->isLost());
  });
  EXPECT_FALSE(std::filesystem::exists(folder / "t.swy"));
}

TEST(CaptureOnRanks, OtherPromptsOnARankAreRefused) {
  const tests::TempFolder folder;
  folder.write("p.jsonl", somePrompts(3));
  folder.write("other.jsonl", somePrompts(2));
  asRanks(2, [&](Ranks* ranks) {
    CaptureOptions options = captureOf(folder, "t.swy");
    options.ranks = ranks;
    if (ranks->rank() == 1)
      options.prompts = folder / "other.jsonl";
    const auto result = capture(options, base::ThreadContext(1), {});
    if (ranks->rank() > 0)
      return;
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::InvalidArgument);
    EXPECT_THAT(result.error().message, HasSubstr("rank 1 was started for other work"));
  });
}

TEST(CaptureOnRanks, StoppedItResumesToTheSameBytes) {
  const tests::TempFolder folder;
  folder.write("p.jsonl", somePrompts(8));
  const CaptureOptions alone = captureOf(folder, "alone.swy");
  ASSERT_TRUE(capture(alone, base::ThreadContext(1), {}));
  std::stop_source stop; // of rank 0 alone: the others hear of it from there
  asRanks(3, [&](Ranks* ranks) {
    CaptureOptions options = captureOf(folder, "t.swy");
    options.ranks = ranks;
    base::RunControl control;
    if (ranks->rank() == 0) {
      control.stop = stop.get_token();
      control.progress = [&](std::int64_t done, std::int64_t, std::string_view phase) {
        if (phase == "tokens" && done > 0)
          stop.request_stop();
      };
    }
    const auto result = capture(options, base::ThreadContext(1), control);
    ASSERT_TRUE(result) << result.error().describe();
    if (ranks->rank() > 0)
      return;
    EXPECT_FALSE(result->complete);
    EXPECT_GE(result->captured, 1);
    EXPECT_LT(result->captured, 8);
  });
  asRanks(2, [&](Ranks* ranks) {
    CaptureOptions options = captureOf(folder, "t.swy");
    options.ranks = ranks;
    options.resume = true;
    EXPECT_TRUE(capture(options, base::ThreadContext(1), {}));
  });
  EXPECT_TRUE(tests::slurp(folder / "t.swy") == tests::slurp(folder / "alone.swy"));
}

/// 40 sequences, 200 000 tokens, so that a scan has several shards; two labels.
void writeLongTrace(const std::filesystem::path& path) {
  trace::TraceMeta meta;
  meta.stackLayers = 3;
  meta.hidden = 4;
  meta.vocabulary = 50;
  for (int layer = 0; layer < 3; ++layer)
    meta.layers.push_back({layer, 8, 2});
  trace::WriterOptions writerOptions;
  const auto writer =
      trace::TraceWriter::create(path, meta, {.weights = true, .logits = true}, writerOptions)
          .value();
  std::uint32_t state = 7;
  const auto next = [&](std::uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
  };
  for (int s = 0; s < 40; ++s) {
    const std::int64_t rows = 3000 + 100 * s;
    trace::SequenceInfo info;
    info.index = s;
    info.id = "s" + std::to_string(s);
    info.labels["domain"] = s % 3 == 0 ? "law" : "code";
    ASSERT_TRUE(writer->beginSequence(info));
    for (int layer = 0; layer < 3; ++layer) {
      std::vector<std::int32_t> ids;
      std::vector<float> weights, logits;
      for (std::int64_t row = 0; row < rows; ++row) {
        const std::uint32_t first = next(8);
        ids.push_back(static_cast<std::int32_t>(first));
        ids.push_back(static_cast<std::int32_t>((first + 1 + next(7)) % 8));
        weights.push_back(0.5f + static_cast<float>(next(100)) * 0.001f);
        weights.push_back(0.25f);
        for (int e = 0; e < 8; ++e)
          logits.push_back(static_cast<float>(next(1000)) * 0.004f);
      }
      ASSERT_TRUE(writer->addRouting(
          layer, {.rows = rows, .ids = ids, .weights = weights, .logits = logits, .norms = {}}));
    }
    std::vector<std::int32_t> tokens;
    for (std::int64_t row = 0; row < rows; ++row)
      tokens.push_back(static_cast<std::int32_t>(next(50)));
    ASSERT_TRUE(writer->endSequence(tokens, rows / 2));
  }
  ASSERT_TRUE(writer->finish());
}

AnalyzeOptions everyAnalyzer(const std::filesystem::path& trace) {
  AnalyzeOptions options;
  options.trace = trace;
  options.by = "domain";
  options.reference = trace;
  options.with = {{"load"},         {"coactivation"},
                  {"transitions"},  {"specialization"},
                  {"entropy"},      {"locality"},
                  {"agreement"},    {"sample-analyzer"},
                  {"expert-cache"}, {"npmi", {{"markers", "a:1:3|4 5"}}}};
  return options;
}

TEST(AnalyzeOnRanks, EveryAnalyzerGivesTheBytesOfOneProcess) {
  const tests::TempFolder folder;
  writeLongTrace(folder / "t.swy");
  for (const bool limited : {false, true}) {
    std::string expected;
    for (const int size : {1, 2, 3, 11}) {
      std::string json;
      asRanks(size, [&](Ranks* ranks) {
        AnalyzeOptions options = everyAnalyzer(folder / "t.swy");
        if (limited) {
          std::erase_if(options.with,
                        [](const auto& each) { return each.plugin == "expert-cache"; });
          options.rows.range = std::pair<std::int64_t, std::int64_t>(40000, 150000);
          options.rows.routedTo = std::pair(1, 3);
        }
        options.ranks = ranks;
        const auto registry = builtIns();
        const auto analysis = analyze(options, *registry, base::ThreadContext(1), {});
        ASSERT_TRUE(analysis) << analysis.error().describe();
        if (ranks == nullptr || ranks->rank() == 0)
          json = toJson(*analysis);
      });
      ASSERT_GT(json.size(), 10000u);
      if (expected.empty())
        expected = json;
      EXPECT_TRUE(json == expected) << size << " ranks";
    }
  }
}

TEST(AnalyzeOnRanks, AnErrorOfAnotherRankIsReportedWithItsNumber) {
  const tests::TempFolder folder;
  writeLongTrace(folder / "t.swy");
  asRanks(2, [&](Ranks* ranks) {
    AnalyzeOptions options = everyAnalyzer(folder / "t.swy");
    options.with = {{"load"}};
    options.ranks = ranks;
    if (ranks->rank() == 1)
      options.trace = folder / "elsewhere.swy";
    const auto registry = builtIns();
    const auto analysis = analyze(options, *registry, base::ThreadContext(1), {});
    if (ranks->rank() > 0)
      return;
    ASSERT_FALSE(analysis);
    EXPECT_THAT(analysis.error().describe(), HasSubstr("rank 1: "));
  });
}

TEST(Team, ManyLargeReportsDoNotPileUp) {
  // 40 reports of 8 MiB: a rank waits while more than 64 MiB of its own have not left.
  constexpr std::size_t kSize = 8u << 20;
  asRanks(2, [&](Ranks* ranks) {
    if (ranks->rank() == 0) {
      Leader leader(*ranks, {});
      ASSERT_TRUE(leader.gather("job"));
      leader.start("go");
      for (int i = 0; i < 40; ++i) {
        const auto report = leader.report(1);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->size(), kSize);
        EXPECT_EQ((*report)[0], static_cast<char>(i));
      }
      return;
    }
    Helper helper(*ranks, {});
    ASSERT_EQ(helper.enlist("job").value(), "go");
    for (int i = 0; i < 40; ++i) {
      ASSERT_TRUE(helper.report(std::string(kSize, static_cast<char>(i))));
      EXPECT_LE(ranks->unsent(), std::size_t{64} << 20);
    }
    helper.leave({});
  });
}

TEST(Team, ALeaderThatIsGoneIsNoticedAfterAStop) {
  testing::Mailboxes boxes(2);
  testing::ThreadRanks ranks(boxes, 1);
  std::stop_source stop;
  stop.request_stop();
  Helper helper(ranks, stop.get_token());
  EXPECT_EQ(helper.enlist("job").error().code, base::ErrorCode::Cancelled);
  helper.leave({});
  EXPECT_TRUE(ranks.isLost());
}

TEST(Team, AHelperThatIsGoneIsNoticedAfterAStop) {
  testing::Mailboxes boxes(2);
  testing::ThreadRanks ranks(boxes, 0);
  std::stop_source stop;
  stop.request_stop();
  {
    Leader leader(ranks, stop.get_token());
    EXPECT_EQ(leader.gather("job").error().code, base::ErrorCode::Cancelled);
  }
  EXPECT_TRUE(ranks.isLost());
}

TEST(EventTape, DamagedBytesAreAnErrorNotACrash) {
  std::string bytes;
  EventTape tape({~hooks::PointSet{0}, false}, [&](std::string more) {
    bytes += more;
    return base::Result<void>();
  });
  const std::vector<hooks::RowInfo> rows = {
      {base::SequenceId{0}, base::TokenPos{0}, base::TokenId{4}}};
  const std::vector<std::int32_t> ids = {2, 1};
  const std::vector<float> values = {0.5f, 0.25f};
  ASSERT_TRUE(tape.onRouter({.layer = base::LayerId{1},
                             .rows = rows,
                             .experts = 4,
                             .k = 2,
                             .input = {},
                             .logits = {},
                             .probs = {},
                             .biasedScores = {},
                             .ids = ids,
                             .rawWeights = {},
                             .weights = values,
                             .norms = {},
                             .output = {}}));
  ASSERT_TRUE(tape.onHidden({.index = 1, .rows = rows, .hidden = 2, .values = values}));
  ASSERT_TRUE(tape.flush());
  struct Count final : hooks::Observer {
    hooks::PointSet wants() const override { return 0; }
    base::Result<void> onRouter(const hooks::RouterEvent& event) override {
      EXPECT_EQ(event.ids[0], 2);
      EXPECT_EQ(event.weights[1], 0.25f);
      EXPECT_TRUE(event.logits.empty());
      ++events;
      return {};
    }
    base::Result<void> onHidden(const hooks::HiddenEvent& event) override {
      EXPECT_EQ(event.hidden, 2);
      ++events;
      return {};
    }
    int events = 0;
  };
  const auto ignore = [](std::span<const std::int32_t>) { return base::Result<void>(); };
  Count whole;
  ASSERT_TRUE(replayEvents(bytes, whole, ignore));
  EXPECT_EQ(whole.events, 2);
  int refused = 0;
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    Count cut;
    refused += replayEvents(bytes.substr(0, size), cut, ignore) ? 0 : 1;
  }
  // Only the cut between the two events leaves whole ones.
  EXPECT_EQ(refused, static_cast<int>(bytes.size()) - 2);
  Count other;
  EXPECT_FALSE(replayEvents("\x7f", other, ignore));
}

} // namespace
} // namespace switchyard::jobs
