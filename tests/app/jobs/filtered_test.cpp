// Analyses of some rows: against an analyzer that is fed those rows by hand.

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "analyzers/load/load.h"
#include "analyzers/report/json.h"
#include "analyzers/transitions/transitions.h"
#include "app/jobs/compare_traces.h"
#include "app/jobs/filtered.h"
#include "app/jobs/layer_filter.h"
#include "app/jobs/load_pyramid.h"
#include "core/trace/scan.h"
#include "core/trace/writer.h"
#include "tests/support/temp_folder.h"

namespace switchyard::jobs {
namespace {

constexpr int kLayers = 3, kExperts = 8, kK = 2;

/// Sequence s has 1000 + 300 s rows; experts by a rule that differs by layer and `twist`.
std::uint16_t expertAt(int sequence, int layer, std::int64_t row, int slot, int twist) {
  const auto value = static_cast<std::uint64_t>(row) * 2654435761U +
                     static_cast<std::uint64_t>(sequence * 97 + layer * 31);
  const auto first = static_cast<std::uint16_t>((value >> 7) % kExperts);
  if (slot == 0)
    return static_cast<std::uint16_t>((first + (twist != 0 && row % 10 == 0 ? 1 : 0)) % kExperts);
  return static_cast<std::uint16_t>((first + 3) % kExperts);
}

std::filesystem::path writeTrace(const tests::TempFolder& folder, const std::string& name,
                                 int sequences, int twist, std::int32_t token = 5, int used = kK,
                                 bool reversed = false) {
  trace::TraceMeta meta;
  meta.stackLayers = kLayers + 1;
  meta.hidden = 4;
  meta.vocabulary = 100;
  for (int layer = 0; layer < kLayers; ++layer)
    meta.layers.push_back({layer + 1, kExperts, kK}); // the first layer of the stack is dense
  auto writer = trace::TraceWriter::create(folder / name, meta, trace::Columns{});
  EXPECT_TRUE(writer) << (writer ? "" : writer.error().describe());
  for (int index = 0; index < sequences; ++index) {
    const int s = reversed ? sequences - 1 - index : index;
    const std::int64_t rows = 1000 + 300 * s;
    trace::SequenceInfo info;
    info.index = index;
    info.id = "s" + std::to_string(s);
    info.labels["domain"] = s % 2 ? "odd" : "even";
    EXPECT_TRUE((*writer)->beginSequence(info));
    for (int layer = 0; layer < kLayers; ++layer) {
      std::vector<std::int32_t> ids;
      for (std::int64_t row = 0; row < rows; ++row)
        for (int slot = 0; slot < kK; ++slot)
          ids.push_back(slot < used ? expertAt(s, layer, row, slot, twist) : -1);
      trace::RoutingRows routing;
      routing.rows = rows;
      routing.ids = ids;
      EXPECT_TRUE((*writer)->addRouting(layer, routing));
    }
    EXPECT_TRUE((*writer)->endSequence(
        std::vector<std::int32_t>(static_cast<std::size_t>(rows), token), rows));
  }
  EXPECT_TRUE((*writer)->finish());
  return folder / name;
}

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

/// Counts of the kept rows by naive code: [layers * experts].
std::vector<std::int64_t>
naiveCounts(int sequences, const std::function<bool(int, std::int64_t, std::int64_t)>& kept) {
  std::vector<std::int64_t> counts(kLayers * kExperts);
  std::int64_t start = 0;
  for (int s = 0; s < sequences; ++s) {
    const std::int64_t rows = 1000 + 300 * s;
    for (std::int64_t row = 0; row < rows; ++row)
      if (kept(s, row, start + row))
        for (int layer = 0; layer < kLayers; ++layer)
          for (int slot = 0; slot < kK; ++slot)
            ++counts[static_cast<std::size_t>(layer * kExperts + expertAt(s, layer, row, slot, 0))];
    start += rows;
  }
  return counts;
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

TEST(CompareTraces, AgreesWithCountingByHand) {
  const tests::TempFolder folder;
  constexpr int kSequences = 6;
  const CompareOptions options{writeTrace(folder, "a.swy", kSequences, 0),
                               writeTrace(folder, "b.swy", kSequences, 1)};
  const base::ThreadContext one(1), four(4);
  const auto found = compareTraces(options, one, {});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(found->documents, kSequences);
  EXPECT_EQ(found->aligned, kSequences);
  EXPECT_EQ(found->alignedTokens, found->tokens);
  EXPECT_FALSE(found->mismatch);
  double same = 0, first = 0, tokens = 0;
  std::vector<double> even(kLayers), evenTokens(kLayers);
  for (int s = 0; s < kSequences; ++s)
    for (std::int64_t row = 0; row < 1000 + 300 * s; ++row) {
      int both = 0;
      for (int i = 0; i < kK; ++i)
        for (int j = 0; j < kK; ++j)
          both += expertAt(s, 0, row, i, 0) == expertAt(s, 0, row, j, 1) ? 1 : 0;
      same += both / 2.0;
      first += expertAt(s, 0, row, 0, 0) == expertAt(s, 0, row, 0, 1) ? 1 : 0;
      ++tokens;
      if (s % 2 == 0) {
        even[0] += both / 2.0;
        ++evenTokens[0];
      }
    }
  EXPECT_NEAR(found->agreement[0].value, same / tokens, 1e-12);
  EXPECT_NEAR(found->firstChoice[0], first / tokens, 1e-12);
  ASSERT_EQ(found->labels, (std::vector<std::string>{"even", "odd"}));
  EXPECT_EQ(found->labelDocuments, (std::vector<std::int64_t>{3, 3}));
  EXPECT_NEAR(found->byLabel[0], even[0] / evenTokens[0], 1e-12);
  const std::vector<std::int64_t> counts =
      naiveCounts(kSequences, [](int, auto, auto) { return true; });
  for (int e = 0; e < kExperts; ++e)
    EXPECT_NEAR(found->loadA[static_cast<std::size_t>(e)],
                static_cast<double>(counts[static_cast<std::size_t>(e)]) * kExperts / (kK * tokens),
                1e-12);
  ASSERT_TRUE(found->agreement[0].interval);
  EXPECT_LE(found->agreement[0].interval->first, found->agreement[0].value);
  EXPECT_GE(found->agreement[0].interval->second, found->agreement[0].value);
  double mean = 0;
  for (const float value : found->tokenAgreement)
    mean += static_cast<double>(value);
  EXPECT_NEAR(mean / tokens, found->overall.value, 1e-6);
  // Any number of threads: the same numbers.
  const auto again = compareTraces(options, four, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->difference[3], found->difference[3]);
  EXPECT_EQ(again->overall.interval, found->overall.interval);
  // With what an earlier comparison knows, and traces that are open: the same.
  CompareOptions known = options;
  known.openedA = found->pairs->a;
  known.openedB = found->pairs->b;
  known.pairs = found->pairs;
  const auto reused = compareTraces(known, one, {});
  ASSERT_TRUE(reused);
  EXPECT_EQ(reused->pairs, found->pairs);
  EXPECT_EQ(reused->tokenAgreement, found->tokenAgreement);
  EXPECT_EQ(reused->at, found->at);
  std::swap(known.a, known.b);
  const auto swapped = compareTraces(known, one, {}); // those pairs are of other traces
  ASSERT_TRUE(swapped);
  EXPECT_NE(swapped->pairs, found->pairs);
  EXPECT_EQ(swapped->loadB[0], found->loadA[0]);
}

TEST(CompareTraces, AgreementIsOfAsManyChoicesAsBothMake) {
  const tests::TempFolder folder;
  const auto a = writeTrace(folder, "a.swy", 5, 0), b = writeTrace(folder, "b.swy", 5, 1);
  const auto narrow = writeTrace(folder, "n.swy", 5, 1, 5, 1); // room for two, one is used
  const base::ThreadContext threads(1);
  const auto both = compareTraces({a, b}, threads, {});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->at, 2);
  EXPECT_DOUBLE_EQ(both->chance(0), 2.0 / kExperts);
  const auto first = compareTraces({.a = a, .b = b, .at = 1}, threads, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at, 1);
  EXPECT_DOUBLE_EQ(first->chance(0), 1.0 / kExperts);
  for (std::size_t layer = 0; layer < kLayers; ++layer)
    EXPECT_DOUBLE_EQ(first->agreement[layer].value, first->firstChoice[layer]);
  const auto few = compareTraces({a, narrow}, threads, {});
  ASSERT_TRUE(few);
  EXPECT_EQ(few->at, 1);
  EXPECT_DOUBLE_EQ(few->agreement[0].value, first->agreement[0].value);
  EXPECT_DOUBLE_EQ(few->loadA[0], both->loadA[0]); // loads are of all choices
  EXPECT_FALSE(compareTraces({.a = a, .b = b, .at = -1}, threads, {}));
}

TEST(CompareTraces, AFilterLimitsBothSidesToTheSameTokens) {
  const tests::TempFolder folder;
  constexpr int kSequences = 6;
  CompareOptions options{.a = writeTrace(folder, "a.swy", kSequences, 0),
                         .b = writeTrace(folder, "b.swy", kSequences, 1)};
  options.rows.range = {{500, 2500}}; // of the first three documents
  const base::ThreadContext threads(1);
  const auto check = [&](const TraceComparison& found,
                         const std::function<bool(int, std::int64_t, std::int64_t)>& kept) {
    double same = 0, tokens = 0;
    std::int64_t at = 0;
    for (int s = 0; s < kSequences; ++s)
      for (std::int64_t row = 0; row < 1000 + 300 * s; ++row, ++at)
        if (kept(s, row, at)) {
          for (int i = 0; i < kK; ++i)
            for (int j = 0; j < kK; ++j)
              same += expertAt(s, 0, row, i, 0) == expertAt(s, 0, row, j, 1) ? 0.5 : 0;
          ++tokens;
        }
    EXPECT_EQ(static_cast<double>(found.alignedTokens), tokens);
    EXPECT_EQ(found.tokenPosition.size(), found.tokenAgreement.size());
    EXPECT_NEAR(found.agreement[0].value, same / tokens, 1e-12);
    const auto counts = naiveCounts(kSequences, kept);
    for (std::size_t e = 0; e < kExperts; ++e)
      EXPECT_NEAR(found.loadA[e], static_cast<double>(counts[e]) * kExperts / (kK * tokens), 1e-12);
  };
  const auto inRange = [](int, std::int64_t, std::int64_t at) { return at >= 500 && at < 2500; };
  const auto brushed = compareTraces(options, threads, {});
  ASSERT_TRUE(brushed) << brushed.error().describe();
  EXPECT_EQ(brushed->documents, 3);
  EXPECT_EQ(brushed->aligned, 3);
  EXPECT_EQ(brushed->tokens, 2000);
  EXPECT_EQ(brushed->tokenPosition.front(), 500);
  check(*brushed, inRange);
  options.rows.routedTo = {{1, 3}}; // the stack's layer 1 is the first MoE layer
  const auto routed = compareTraces(options, threads, {});
  ASSERT_TRUE(routed);
  check(*routed, [&](int s, std::int64_t row, std::int64_t at) {
    return inRange(s, row, at) &&
           (expertAt(s, 0, row, 0, 0) == 3 || expertAt(s, 0, row, 1, 0) == 3);
  });
  options.rows.routedTo = {{1, 99}};
  EXPECT_FALSE(compareTraces(options, threads, {}));
}

TEST(CompareTraces, AFilterMayBeOfTheSecondTrace) {
  const tests::TempFolder folder;
  constexpr int kSequences = 6;
  CompareOptions options{.a = writeTrace(folder, "a.swy", kSequences, 0),
                         .b = writeTrace(folder, "b.swy", kSequences, 1, 5, kK, true),
                         .rowsAreOfB = true};
  options.rows.range = {{500, 2600}}; // B begins with s5 of 2,500 rows; then comes s4
  options.rows.routedTo = {{1, 3}};   // by B
  const auto found = compareTraces(options, base::ThreadContext(1), {});
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(found->sequences, (std::vector<std::string>{"s4", "s5"})); // in A's order
  EXPECT_EQ(found->documents, 2);
  EXPECT_EQ(found->tokens, 2100);
  std::vector<std::int32_t> positions;
  double same = 0;
  for (const auto& [s, first, last] : {std::tuple(4, 0, 100), std::tuple(5, 500, 2500)})
    for (int row = first; row < last; ++row) {
      if (expertAt(s, 0, row, 0, 1) != 3 && expertAt(s, 0, row, 1, 1) != 3)
        continue;
      positions.push_back(row);
      for (int i = 0; i < kK; ++i)
        for (int j = 0; j < kK; ++j)
          same += expertAt(s, 0, row, i, 0) == expertAt(s, 0, row, j, 1) ? 0.5 : 0;
    }
  EXPECT_EQ(found->tokenPosition, positions);
  EXPECT_NEAR(found->agreement[0].value, same / static_cast<double>(positions.size()), 1e-12);
}

TEST(CompareTraces, LooksAlignedFromTheFirstSequences) {
  const tests::TempFolder folder;
  const auto open = [](const std::filesystem::path& path) { return *trace::Trace::open(path); };
  const auto a = open(writeTrace(folder, "a.swy", 3, 0)),
             b = open(writeTrace(folder, "b.swy", 2, 1)),
             other = open(writeTrace(folder, "c.swy", 3, 0, 6));
  EXPECT_TRUE(looksAligned(*a, *b));
  EXPECT_TRUE(looksAligned(*b, *a));
  EXPECT_FALSE(looksAligned(*a, *other));
}

TEST(CompareTraces, OtherTokensAndOtherShapes) {
  const tests::TempFolder folder;
  const auto a = writeTrace(folder, "a.swy", 2, 0), other = writeTrace(folder, "b.swy", 2, 0, 6),
             few = writeTrace(folder, "c.swy", 1, 1);
  const base::ThreadContext threads(1);
  const auto none = compareTraces({a, other}, threads, {});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->aligned, 0);
  ASSERT_TRUE(none->mismatch);
  EXPECT_EQ(none->mismatch->sequence, "s0");
  EXPECT_EQ(none->mismatch->position, 0);
  const auto some = compareTraces({a, few}, threads, {});
  ASSERT_TRUE(some);
  EXPECT_EQ(some->aligned, 1);
  EXPECT_FALSE(some->agreement[0].interval); // one document: no interval
  EXPECT_FALSE(compareTraces({a, folder / "absent.swy"}, threads, {}));
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = compareTraces({a, a}, threads, {.progress = {}, .stop = stop.get_token()});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, base::ErrorCode::Cancelled);
}

} // namespace
} // namespace switchyard::jobs
