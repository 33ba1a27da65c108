// Two traces against counts made by hand.

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "app/jobs/compare_traces.h"
#include "tests/app/jobs/made_up_routing.h"

namespace switchyard::jobs {
namespace {

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
