// Scorers, against cases worked by hand.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/jobs/evaluate/likelihood.h"
#include "app/jobs/evaluate/named_options.h"
#include "app/jobs/evaluate/scorers.h"
#include "app/jobs/evaluate/thinking.h"

namespace switchyard::jobs::evaluate {
namespace {

bool right(const char* scorer, std::string_view text, std::vector<std::string> accepted) {
  const auto parsed = parseScorer(std::string_view(scorer));
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  if (!parsed)
    return false;
  const auto result = isRight(*parsed, text, accepted);
  EXPECT_TRUE(result);
  return result.value_or(false);
}

TEST(LastNumber, ReadsWhatPeopleWrite) {
  EXPECT_EQ(lastNumber("the sum is 155."), 155);
  EXPECT_EQ(lastNumber("1, 3, 4, 6"), 6);
  EXPECT_EQ(lastNumber("between -3 and -7"), -7);
  EXPECT_EQ(lastNumber("12-5"), 5);    // a minus between numbers
  EXPECT_EQ(lastNumber("(x+1)-5"), 5); // and after a bracket
  EXPECT_EQ(lastNumber("x-5"), 5);
  EXPECT_EQ(lastNumber("-5"), -5);
  EXPECT_EQ(lastNumber("$1,234,567.50 in total"), 1234567.5);
  EXPECT_EQ(lastNumber("1,23"), 23); // no group of three
  EXPECT_EQ(lastNumber("1,2345"), 2345);
  EXPECT_EQ(lastNumber("2.5e3 m"), 2500);
  EXPECT_EQ(lastNumber("2e"), 2);
  EXPECT_EQ(lastNumber("a .5 share"), 0.5);
  EXPECT_EQ(lastNumber("3.14.15"), 0.15); // "3.14", then ".15"
  EXPECT_EQ(lastNumber("version 2."), 2);
  EXPECT_EQ(lastNumber("none"), std::nullopt);
  EXPECT_EQ(lastNumber(""), std::nullopt);
}

TEST(Scorers, ExactTakesAnyAcceptedTextAndTrims) {
  EXPECT_TRUE(right("exact", "  42\n", {"41", " 42 "}));
  EXPECT_FALSE(right("exact", "42.", {"42"}));
  EXPECT_FALSE(right("exact", "Paris", {"paris"}));
  EXPECT_TRUE(right("exact:ignore-case=true", "Paris", {"paris"}));
  EXPECT_TRUE(right("exact:after=A:", "A: 1 A: 150 ", {"150"})); // the last one counts
  EXPECT_TRUE(right("exact:after=A:", "150", {"150"}));          // not there: all of it
}

TEST(Scorers, NumericComparesTheLastNumber) {
  EXPECT_TRUE(right("numeric", "3+4=7, so 1,007", {"1007"}));
  EXPECT_FALSE(right("numeric", "1007, I think, or 8", {"1007"}));
  EXPECT_TRUE(right("numeric:tolerance=0.01", "3.14", {"3.1416"}));
  EXPECT_FALSE(right("numeric", "3.14", {"3.1416"}));
  EXPECT_FALSE(right("numeric", "no idea", {"0"}));
}

TEST(Scorers, RegexAndContains) {
  EXPECT_TRUE(right("regex:pattern=^(yes|no)$", "yes ", {}));
  EXPECT_FALSE(right("regex:pattern=^(yes|no)$", "yes or no", {}));
  EXPECT_TRUE(right("contains", "it is Paris, France", {"Rome", "Paris"}));
  EXPECT_TRUE(right("contains:ignore-case=true", "it is PARIS", {"paris"}));
  EXPECT_FALSE(right("contains", "it is PARIS", {"paris"}));
}

TEST(Scorers, BadOnesAreRefusedByName) {
  const auto message = [](const char* json) {
    const auto parsed = parseScorer(nlohmann::json::parse(json));
    EXPECT_FALSE(parsed) << json;
    return parsed ? std::string() : parsed.error().message;
  };
  EXPECT_NE(message(R"("fuzzy")").find("fuzzy"), std::string::npos);
  EXPECT_NE(message(R"("numeric:ignore-case=true")").find("ignore-case"), std::string::npos);
  EXPECT_NE(message(R"({"type":"numeric","tolerance":-1})").find("tolerance"), std::string::npos);
  EXPECT_NE(message(R"({"type":"numeric","tolerance":"nan"})").find("tolerance"),
            std::string::npos);
  EXPECT_NE(message(R"({"type":"regex"})").find("pattern"), std::string::npos);
  EXPECT_NE(message(R"({"type":"regex","pattern":"("})").find("pattern"), std::string::npos);
  EXPECT_NE(message(R"({"pattern":"a"})").find("type"), std::string::npos);
  EXPECT_NE(message("5").find("scorer"), std::string::npos);
  EXPECT_NE(message(R"("perplexity:after=x")").find("after"), std::string::npos);
}

TEST(Scorers, AWordDescribesAScorer) {
  for (const char* word : {"exact", "exact:after=A:,ignore-case=true", "numeric:tolerance=0.5",
                           "multiple-choice:by=length", "perplexity", "regex:pattern=a{1,2}"}) {
    const auto parsed = parseScorer(std::string_view(word));
    ASSERT_TRUE(parsed) << word;
    EXPECT_EQ(describe(*parsed), word);
  }
}

TEST(NamedOptions, CommasContinueListsAndSeparateOptions) {
  const auto named = parseNamedOptions("mask:experts=1:2,3:4,mode=swap");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->name, "mask");
  const std::vector<std::pair<std::string, std::string>> expected = {{"experts", "1:2,3:4"},
                                                                     {"mode", "swap"}};
  EXPECT_EQ(named->options, expected);
  EXPECT_FALSE(parseNamedOptions(""));
  EXPECT_FALSE(parseNamedOptions(":a=1"));
  EXPECT_FALSE(parseNamedOptions("a:b"));
  EXPECT_FALSE(parseNamedOptions("a:"));
}

TEST(Thinking, IsCountedAndCutOff) {
  const ThinkingMarkers markers{base::TokenId(1), base::TokenId(2)};
  const auto tokens = [](std::vector<int> ids) {
    std::vector<base::TokenId> list;
    for (const int id : ids)
      list.emplace_back(id);
    return list;
  };
  const auto split = [&](std::vector<int> prompt, std::vector<int> generated) {
    const auto p = tokens(std::move(prompt));
    const auto g = tokens(std::move(generated));
    const ThinkingSplit s = splitThinking(p, g, markers);
    return std::pair(s.thinking, s.answer.size());
  };
  EXPECT_EQ(split({9}, {7, 7}), std::pair(std::int64_t{0}, std::size_t{2}));
  EXPECT_EQ(split({9, 1}, {7, 7, 2, 8}), std::pair(std::int64_t{2}, std::size_t{1}));
  EXPECT_EQ(split({9}, {6, 1, 7, 2, 8, 8}), std::pair(std::int64_t{1}, std::size_t{2}));
  EXPECT_EQ(split({1}, {7, 2, 8, 1, 7, 7, 2}), std::pair(std::int64_t{3}, std::size_t{0}));
  EXPECT_EQ(split({1}, {7, 7, 7}), std::pair(std::int64_t{3}, std::size_t{0})); // never closed
  EXPECT_EQ(split({1}, {7, 2, 8, 1, 7}), std::pair(std::int64_t{2}, std::size_t{0}));
  EXPECT_EQ(split({1, 2}, {8}), std::pair(std::int64_t{0}, std::size_t{1}));
  const auto all = tokens({1, 7, 2});
  EXPECT_EQ(splitThinking({}, all, std::nullopt).answer.size(), 3u);
}

TEST(Likelihood, LikeliestBySumAndByLength) {
  const std::vector<Likelihood> choices = {{2.0, 1}, {3.0, 3}, {2.0, 2}};
  EXPECT_EQ(likeliest(choices, false), 0u); // 2.0 twice: the first
  EXPECT_EQ(likeliest(choices, true), 1u);  // 2, 1, 1: the first of the equals
}

} // namespace
} // namespace switchyard::jobs::evaluate
