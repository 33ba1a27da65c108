#include "core/tokenizer/regex.h"

#include <gtest/gtest.h>

namespace switchyard::tokenizer {
namespace {

/// "begin-end" of the first match, "none", or the error.
std::string firstMatch(std::string_view pattern, std::string_view text) {
  const auto regex = Regex::compile(pattern);
  if (!regex)
    return regex.error().message;
  RegexBudget budget(text.size());
  const auto match = regex->find(text, 0, budget);
  if (!match)
    return match.error().message;
  return *match ? std::to_string((*match)->begin) + "-" + std::to_string((*match)->end) : "none";
}

TEST(Regex, SpaceMeansWhiteSpaceOfUnicode) {
  for (const char* space : {" ", "\t", "\v", "\u0085", "\u00A0", "\u1680", "\u2003", "\u2028",
                            "\u202F", "\u205F", "\u3000"}) {
    EXPECT_NE(firstMatch("\\s", space), "none");
    EXPECT_EQ(firstMatch("\\S", space), "none");
    EXPECT_NE(firstMatch("[\\s]", space), "none");
    EXPECT_EQ(firstMatch("[^\\s]", space), "none");
    EXPECT_EQ(firstMatch("[\\S]", space), "none");
  }
  // U+180E is not white space any more, though PCRE2 thinks so.
  EXPECT_EQ(firstMatch("\\s", "\u180E"), "none");
  EXPECT_EQ(firstMatch("[\\s]", "\u180E"), "none");
  EXPECT_EQ(firstMatch("\\S", "\u180E"), "0-3");
  EXPECT_EQ(firstMatch("[\\S]", "\u180E"), "0-3");
  EXPECT_EQ(firstMatch("[^\\s]", "\u180E"), "0-3");
}

TEST(Regex, WordsHoldTheirMarks) {
  EXPECT_EQ(firstMatch("\\w+", "e\u0301a!"), "0-4");
  EXPECT_EQ(firstMatch("[\\w]+", "\u0928\u092E\u0938\u094D\u0924\u0947!"), "0-18");
  EXPECT_EQ(firstMatch("\\W", "e\u0301a!"), "4-5");
  EXPECT_EQ(firstMatch("a\\b", "a\u0301 a"), "4-5");
  EXPECT_EQ(firstMatch("a\\B", "a a\u0301"), "2-3");
}

TEST(Regex, ConstructsOfRubySyntax) {
  EXPECT_EQ(firstMatch("x{,2}y", "xxxy"), "1-4");
  EXPECT_EQ(firstMatch("x{a}", "x{a}"), "0-4");
  EXPECT_EQ(firstMatch("\\h+", "xBEEFx"), "1-5");
  EXPECT_EQ(firstMatch("b$", "ab\nc"), "1-2") << "$ is at every line end";
  EXPECT_EQ(firstMatch("^c", "ab\nc"), "3-4") << "^ is at every line start";
  EXPECT_EQ(firstMatch("a.b", "a\nb"), "none");
  EXPECT_EQ(firstMatch("\\u4e00", "\u4E00"), "0-3");
  EXPECT_EQ(firstMatch("[]a]+", "]a"), "0-2");
  EXPECT_EQ(firstMatch("\\p{^L}", "a1"), "1-2");
  EXPECT_EQ(firstMatch("\\P{^L}", "1a"), "1-2");
  EXPECT_EQ(firstMatch("\\p{Han}", "a\u4E00"), "1-4");
  EXPECT_EQ(firstMatch("\\p{Han}", "\u3001"), "none") << "the script, not its extensions";
  EXPECT_EQ(firstMatch("(?i:'s)", "'S"), "0-2");
  EXPECT_EQ(firstMatch("(?i)ab|cd", "CD"), "0-2");
}

TEST(Regex, LongLinearMatchesAreWithinTheBudget) {
  const std::string letters(2'000'000, 'A');
  EXPECT_EQ(firstMatch("[\\p{Lu}\\p{Lo}]*[\\p{Ll}\\p{Lo}]+|\\p{Lu}+", letters), "0-2000000");
}

} // namespace
} // namespace switchyard::tokenizer
