// Numbers of results held against each other.

#include <cmath>

#include <gtest/gtest.h>

#include "app/jobs/experiment/numbers.h"
#include "app/jobs/experiment/rerun_command.h"

namespace switchyard::tests {
namespace {

using namespace jobs::experiment;

jobs::Analysis analysis(double value, double cell) {
  trace::AnalysisResult result;
  result.headlines = {{"h", "H", value, "share", std::pair(0.25, 0.5), 0.95, ""}};
  result.tables = {{.name = "t",
                    .title = "T",
                    .columns = {{"name", "", ""}, {"x", "", ""}},
                    .rows = {{std::string("a"), cell}, {std::string("b"), std::monostate()}}}};
  jobs::Analysis all;
  all.ids = {"load"};
  all.results = {result};
  return all;
}

TEST(Numbers, AreNamedByPlaceAndComparedExactly) {
  const auto a = numbersOf("cell", analysis(0.1, 2)), b = numbersOf("cell", analysis(0.1, 2.5));
  ASSERT_EQ(a.size(), 7u); // value, two ends, four cells
  EXPECT_TRUE(diffNumbers(a, a).equal());
  const NumberDiff diff = diffNumbers(a, b);
  EXPECT_EQ(diff.same, 6);
  ASSERT_EQ(diff.changed.size(), 1u);
  EXPECT_EQ(diff.changed[0].place, "cell: load: t.x[0 (a)]");
  EXPECT_EQ(diff.changed[0].a, "2");
  EXPECT_EQ(diff.changed[0].b, "2.5");
  EXPECT_EQ(diff.changed[0].by, 0.5);
  // The last bit counts.
  EXPECT_FALSE(diffNumbers(numbersOf("", analysis(0.1, 2)),
                           numbersOf("", analysis(std::nextafter(0.1, 1.0), 2)))
                   .equal());
}

TEST(Numbers, WhatIsOnOneSideOnlyIsADifference) {
  auto a = numbersOf("", analysis(1, 2));
  auto b = a;
  b.pop_back();
  EXPECT_EQ(diffNumbers(a, b).onlyA.size(), 1u);
  EXPECT_EQ(diffNumbers(b, a).onlyB.size(), 1u);
  EXPECT_FALSE(diffNumbers(a, b).equal());
}

TEST(Numbers, ADigestTellsItsColumn) {
  const auto a = digests(numbersOf("", analysis(1, 2))), b = digests(numbersOf("", analysis(1, 3)));
  ASSERT_EQ(a.size(), 5u); // the headline with its interval, two columns
  const NumberDiff diff = diffNumbers(a, b);
  ASSERT_EQ(diff.changed.size(), 1u);
  EXPECT_EQ(diff.changed[0].place, "load: t.x");
  EXPECT_FALSE(diff.changed[0].by);
}

TEST(RerunCommand, ReadsWordsAsAShellDoes) {
  const auto words = wordsOf(R"(switchyard analyze 'a b.swy' --x 'it'\''s' --y plain)");
  ASSERT_TRUE(words);
  EXPECT_EQ(*words, (std::vector<std::string>{"switchyard", "analyze", "a b.swy", "--x", "it's",
                                              "--y", "plain"}));
  EXPECT_FALSE(wordsOf("switchyard 'open"));
}

TEST(RerunCommand, RunsOnlyWhatMakesResultsAndWritesNowhereElse) {
  const auto command =
      resultCommand("switchyard steer m --tasks t --out /etc/x --store /etc/y --controls 3");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->words,
            (std::vector<std::string>{"steer", "m", "--tasks", "t", "--controls", "3"}));
  for (const char* bad : {"", "rm -rf /", "switchyard transform m --out x", "switchyard",
                          "switchyard plugins new router x"})
    EXPECT_FALSE(resultCommand(bad)) << bad;
}

} // namespace
} // namespace switchyard::tests
