// Analyses of some rows: against an analyzer that is fed those rows by hand.

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "analyzers/load/load.h"
#include "analyzers/report/json.h"
#include "analyzers/transitions/transitions.h"
#include "app/jobs/filtered.h"
#include "app/jobs/layer_filter.h"
#include "app/jobs/load_pyramid.h"
#include "core/trace/scan.h"
#include "tests/app/jobs/made_up_routing.h"

namespace switchyard::jobs {
namespace {

TEST(RowFilter, SaysWhatItKeeps) {
  EXPECT_EQ(RowFilter{}.description(), "");
  EXPECT_EQ((RowFilter{{{100, 200}}, {{5, 19}}}.description()),
            "tokens 100 to 199, routed to L5 E19");
}

TEST(RowFilter, ASampleIsSpreadEvenly) {
  RowFilter filter{.range = {{100, 10100}}, .routedTo = {}, .sample = 640};
  EXPECT_EQ(filter.description(), "tokens 100 to 10099, a sample of 640 rows");
  EXPECT_EQ(flagsOf(filter), " --rows 100:10100"); // the line makes the whole of it
  EXPECT_FALSE((RowFilter{.range = {}, .routedTo = {}, .sample = 1}).isEmpty());
  const auto all = keptRows(filter, 20000, 0, 20000);
  ASSERT_EQ(all.size(), 10u);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i],
              (std::pair<std::int64_t, std::int64_t>(100 + 1000 * static_cast<std::int64_t>(i),
                                                     164 + 1000 * static_cast<std::int64_t>(i))));
  // In pieces it is the same rows.
  for (const std::int64_t piece : {1, 37, 64, 999, 5000}) {
    std::vector<bool> kept(20000);
    for (std::int64_t first = 0; first < 20000; first += piece)
      for (const auto& [from, to] :
           keptRows(filter, 20000, first, std::min<std::int64_t>(first + piece, 20000)))
        for (std::int64_t row = from; row < to; ++row) {
          EXPECT_FALSE(kept[static_cast<std::size_t>(row)]);
          kept[static_cast<std::size_t>(row)] = true;
        }
    for (const auto& [from, to] : all)
      for (std::int64_t row = from; row < to; ++row)
        EXPECT_TRUE(kept[static_cast<std::size_t>(row)]) << piece << " " << row;
    EXPECT_EQ(std::count(kept.begin(), kept.end(), true), 640) << piece;
  }
  filter.sample = 20000; // more than there is: all
  EXPECT_EQ(keptRows(filter, 20000, 0, 20000),
            (std::vector<std::pair<std::int64_t, std::int64_t>>{{100, 10100}}));
  EXPECT_TRUE(keptRows(filter, 20000, 10100, 20000).empty());
}

TEST(RowFilter, IsReadFromFlagsAndWrittenAsFlags) {
  const RowFilter both{{{100, 200}}, {{5, 19}}};
  EXPECT_EQ(flagsOf(both), " --rows 100:200 --routed-to 5:19");
  EXPECT_EQ(flagsOf({}), "");
  const auto read = parseRowFilter("100:200", "5:19");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, both);
  EXPECT_TRUE(parseRowFilter("", "")->isEmpty());
  for (const char* rows :
       {"100", "200:100", "5:5", "-1:4", "a:b", "1:2x", ":", "99999999999999999999:1"})
    EXPECT_FALSE(parseRowFilter(rows, "")) << rows;
  for (const char* expert : {"L5:E19", "5", "-1:3", "5:70000", "5:19:2"})
    EXPECT_FALSE(parseRowFilter("", expert)) << expert;
}

std::vector<std::int64_t> countsOf(const trace::AnalysisResult& load) {
  std::vector<std::int64_t> counts;
  for (const trace::Table& table : load.tables)
    if (table.name == "load_experts")
      for (const auto& row : table.rows)
        counts.push_back(std::get<std::int64_t>(row[2]));
  return counts;
}

trace::AnalysisResult scanned(const std::shared_ptr<const trace::Trace>& trace,
                              const RowFilter& filter, std::unique_ptr<trace::Analyzer> inner,
                              int threads = 1) {
  const auto starts = rowStarts(*trace);
  EXPECT_TRUE(starts);
  const auto analyzer = withRows(std::move(inner), trace, *starts, filter);
  trace::Analyzer* const all[] = {analyzer.get()};
  const base::ThreadContext context(threads);
  const auto summary = trace::scan(trace, all, context);
  EXPECT_TRUE(summary) << (summary ? "" : summary.error().describe());
  auto result = analyzer->result();
  EXPECT_TRUE(result);
  return result ? *result : trace::AnalysisResult();
}

TEST(WithRows, CountsWhatNaiveCodeCounts) {
  const tests::TempFolder folder;
  constexpr int kSequences = 5;
  const auto trace = trace::Trace::open(writeTrace(folder, "t.swy", kSequences, 0));
  ASSERT_TRUE(trace) << trace.error().describe();
  const auto load = [&](const RowFilter& filter) {
    return countsOf(scanned(*trace, filter, std::make_unique<analyzers::Load>()));
  };
  EXPECT_EQ(load({}), naiveCounts(kSequences, [](int, auto, auto) { return true; }));
  // Over the ends of sequences and of blocks; one row; nothing.
  for (const auto& range :
       {std::pair<std::int64_t, std::int64_t>{900, 2500}, {1023, 1025}, {7, 8}, {0, 1 << 20}})
    EXPECT_EQ(load({range, {}}), naiveCounts(kSequences,
                                             [&](int, std::int64_t, std::int64_t at) {
                                               return at >= range.first && at < range.second;
                                             }))
        << range.first;
  const auto routed = [](int s, std::int64_t row) {
    return expertAt(s, 1, row, 0, 0) == 3 || expertAt(s, 1, row, 1, 0) == 3;
  };
  EXPECT_EQ(load({{}, {{2, 3}}}),
            naiveCounts(kSequences, [&](int s, std::int64_t row, auto) { return routed(s, row); }));
  EXPECT_EQ(load({{{500, 1700}}, {{2, 3}}}),
            naiveCounts(kSequences, [&](int s, std::int64_t row, std::int64_t at) {
              return routed(s, row) && at >= 500 && at < 1700;
            }));
}

TEST(WithRows, ASampleCountsItsRows) {
  const tests::TempFolder folder;
  constexpr int kSequences = 4;
  const auto trace = trace::Trace::open(writeTrace(folder, "t.swy", kSequences, 0));
  ASSERT_TRUE(trace);
  const RowFilter filter{.range = {{500, 5500}}, .routedTo = {}, .sample = 512};
  const auto kept = keptRows(filter, 5800, 0, 5800);
  const auto isKept = [&](std::int64_t at) {
    return std::ranges::any_of(
        kept, [at](const auto& run) { return run.first <= at && at < run.second; });
  };
  EXPECT_EQ(
      countsOf(scanned(*trace, filter, std::make_unique<analyzers::Load>())),
      naiveCounts(kSequences, [&](int, std::int64_t, std::int64_t at) { return isKept(at); }));
}

TEST(WithRows, KeepsLayersOfARunTogether) {
  // Transitions pair a layer with the next one of the same rows: they would miss rows if runs came
  // layer by layer. 600 of 1000 rows are kept in a block that is cut in two.
  const tests::TempFolder folder;
  const auto trace = trace::Trace::open(writeTrace(folder, "t.swy", 2, 0));
  ASSERT_TRUE(trace);
  const auto result =
      scanned(*trace, {{{200, 800}}, {}}, std::make_unique<analyzers::Transitions>());
  const trace::Table& table = result.tables.front();
  ASSERT_EQ(table.columns[3].name, "steps");
  EXPECT_EQ(std::get<std::int64_t>(table.rows.front()[3]), 600);
  const auto one = scanned(*trace, {{}, {{2, 3}}}, std::make_unique<analyzers::Load>(), 1);
  const auto four = scanned(*trace, {{}, {{2, 3}}}, std::make_unique<analyzers::Load>(), 4);
  EXPECT_EQ(analyzers::report::toJson(one), analyzers::report::toJson(four));
}

TEST(WithLayers, TheOthersAreNotThere) {
  const tests::TempFolder folder;
  constexpr int kSequences = 3;
  const auto trace = trace::Trace::open(writeTrace(folder, "t.swy", kSequences, 0));
  ASSERT_TRUE(trace);
  const auto starts = rowStarts(**trace);
  ASSERT_TRUE(starts);
  const RowFilter filter{{{500, 1700}}, {}};
  const auto over = [&](std::unique_ptr<trace::Analyzer> inner, const std::vector<int>& layers,
                        int threads) {
    const auto analyzer = withRows(withLayers(std::move(inner), layers), *trace, *starts, filter);
    trace::Analyzer* const all[] = {analyzer.get()};
    trace::ScanOptions options;
    options.filter.moeLayers = layers;
    const auto summary = trace::scan(*trace, all, base::ThreadContext(threads), options);
    EXPECT_TRUE(summary) << (summary ? "" : summary.error().describe());
    auto result = analyzer->result();
    EXPECT_TRUE(result);
    return result ? *result : trace::AnalysisResult();
  };
  const auto naive =
      naiveCounts(kSequences, [](int, auto, std::int64_t at) { return at >= 500 && at < 1700; });
  for (const int threads : {1, 3}) {
    EXPECT_EQ(countsOf(over(std::make_unique<analyzers::Load>(), {1, 2}, threads)),
              std::vector(naive.begin() + kExperts, naive.end()));
    EXPECT_EQ(countsOf(over(std::make_unique<analyzers::Load>(), {0}, threads)),
              std::vector(naive.begin(), naive.begin() + kExperts));
  }
  const trace::AnalysisResult steps = over(std::make_unique<analyzers::Transitions>(), {0, 2}, 1);
  const auto& row =
      steps.tables.front()
          .rows.front(); // from the first to the third of the layers, 1 and 3 of the stack
  EXPECT_EQ(std::get<std::int64_t>(row[1]), 1);
  EXPECT_EQ(std::get<std::int64_t>(row[2]), 3);
  EXPECT_EQ(std::get<std::int64_t>(row[3]), 1200);
  // All layers: the same bytes as without.
  EXPECT_EQ(
      analyzers::report::toJson(over(std::make_unique<analyzers::Transitions>(), {0, 1, 2}, 2)),
      analyzers::report::toJson(
          scanned(*trace, filter, std::make_unique<analyzers::Transitions>(), 2)));
  // A block of another layer is refused.
  auto only = withLayers(std::make_unique<analyzers::Load>(), {1});
  trace::Analyzer* const wrong[] = {only.get()};
  const auto refused = trace::scan(*trace, wrong, base::ThreadContext(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidArgument);
}

TEST(WithRows, AnExpertThatIsNotThereIsRefused) {
  const tests::TempFolder folder;
  const auto trace = trace::Trace::open(writeTrace(folder, "t.swy", 1, 0));
  ASSERT_TRUE(trace);
  const auto starts = rowStarts(**trace);
  ASSERT_TRUE(starts);
  for (const std::pair<int, int>& expert : {std::pair(0, 3), {2, 8}, {2, -1}}) {
    const auto analyzer =
        withRows(std::make_unique<analyzers::Load>(), *trace, *starts, {{}, expert});
    const auto begun = analyzer->begin((*trace)->meta().layers);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, base::ErrorCode::InvalidArgument);
  }
}

TEST(LoadPyramid, SumsBlocksAsNaiveCodeDoes) {
  const tests::TempFolder folder;
  constexpr int kSequences = 4;
  const auto trace = trace::Trace::open(writeTrace(folder, "t.swy", kSequences, 0));
  ASSERT_TRUE(trace);
  const base::ThreadContext one(1), four(4);
  const auto pyramid = LoadPyramid::build(**trace, four, {});
  ASSERT_TRUE(pyramid) << pyramid.error().describe();
  EXPECT_EQ(pyramid->blockRows(), 64);
  EXPECT_EQ(pyramid->rows(), 1000 + 1300 + 1600 + 1900);
  for (const auto& [first, last] : {std::pair<std::int64_t, std::int64_t>{0, 5800},
                                    {70, 71},
                                    {990, 2310},
                                    {-5, 1 << 20},
                                    {64, 128}}) {
    const LoadPyramid::Counts counts = pyramid->counts(first, last);
    EXPECT_LE(counts.first, std::max<std::int64_t>(first, 0));
    EXPECT_GE(counts.last, std::min<std::int64_t>(last, 5800));
    EXPECT_LE(counts.last - counts.first,
              std::min<std::int64_t>(last, 5800) - std::max<std::int64_t>(first, 0) + 2 * 64);
    EXPECT_EQ(counts.uses, naiveCounts(kSequences, [&](int, std::int64_t, std::int64_t at) {
                return at >= counts.first && at < counts.last;
              }));
  }
  EXPECT_EQ(pyramid->counts(100, 100).uses, std::vector<std::int64_t>(kLayers * kExperts));
  // Little memory: larger blocks, the same totals.
  const auto small = LoadPyramid::build(**trace, one, {}, 4096);
  ASSERT_TRUE(small);
  EXPECT_GT(small->blockRows(), 64);
  EXPECT_EQ(small->counts(0, 5800).uses, pyramid->counts(0, 5800).uses);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(LoadPyramid::build(**trace, one, {.progress = {}, .stop = stop.get_token()}));
}

} // namespace
} // namespace switchyard::jobs
