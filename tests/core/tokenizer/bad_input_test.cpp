// Tokenizer files and texts that must give a typed error in bounded time.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/tokenizer/golden.h"
#include "tests/core/tokenizer/small_tokenizer.h"

namespace switchyard::tokenizer {
namespace {

using base::ErrorCode;
using nlohmann::json;
using ::testing::HasSubstr;
using testing::load;
using testing::smallTokenizer;
using testing::splitBy;

void expectRefused(const json& file, ErrorCode code, const std::string& says) {
  const auto tokenizer = load(file);
  ASSERT_FALSE(tokenizer) << says;
  EXPECT_EQ(tokenizer.error().code, code) << tokenizer.error().describe();
  EXPECT_THAT(tokenizer.error().describe(), HasSubstr(says));
  EXPECT_EQ(tokenizer.error().where.file, "test");
}

json with(const std::string& pointer, const json& value) {
  json file = smallTokenizer();
  file[json::json_pointer(pointer)] = value;
  return file;
}

TEST(TokenizerBadInput, TheSmallTokenizerItselfIsFine) {
  const auto tokenizer = load(smallTokenizer());
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  EXPECT_EQ(testing::encoded(*tokenizer, "abcxab", {}), (std::vector<std::int32_t>{5, 0, 4}));
}

TEST(TokenizerBadInput, MergeOfUnknownTokens) {
  expectRefused(with("/model/merges/0", json::array({"a", "z"})), ErrorCode::InvalidFormat,
                "model.merges[0]: \"z\" is not in the vocabulary");
  expectRefused(with("/model/merges/1", json::array({"a", "c"})), ErrorCode::InvalidFormat,
                "model.merges[1]: \"ac\" is not in the vocabulary");
  expectRefused(with("/model/merges", json::array({"z a"})), ErrorCode::InvalidFormat, "\"z\"");
}

TEST(TokenizerBadInput, MergesMixingTextsAndPairs) {
  expectRefused(with("/model/merges/1", "ab c"), ErrorCode::InvalidFormat, "mixed");
  expectRefused(with("/model/merges", json::array({"a b c"})), ErrorCode::InvalidFormat,
                "not two tokens");
  expectRefused(with("/model/merges/0", json::array({"a"})), ErrorCode::InvalidFormat, "pair");
  expectRefused(with("/model/merges", json::array({1})), ErrorCode::InvalidFormat, "neither");
}

TEST(TokenizerBadInput, TwoTokensWithOneId) {
  expectRefused(with("/model/vocab/b", 1), ErrorCode::InvalidFormat, "same id 1");
}

TEST(TokenizerBadInput, IdGapsHoldNoToken) {
  const auto tokenizer = load(with("/model/vocab/d", 9));
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  EXPECT_EQ(tokenizer->vocabularySize(), 8u);
  EXPECT_EQ(tokenizer->idLimit(), 10);
  EXPECT_EQ(tokenizer->bytes(base::TokenId(8)), "");
  EXPECT_EQ(tokenizer->decode(testing::tokenIds({1, 8, -1, 1 << 30, 9}), false), "a d");
}

TEST(TokenizerBadInput, AddedTokenWhoseIdIsTakenBecauseOfAGap) {
  // The next free id is the number of tokens, 8.
  json file = with("/model/vocab/d", 8);
  file["added_tokens"] = {{{"content", "<x>"}}};
  expectRefused(file, ErrorCode::InvalidFormat, "gets id 8, which the vocabulary gives to \"d\"");
}

TEST(TokenizerBadInput, IdsOutOfRange) {
  for (const json& id : {json(std::int64_t{1} << 31), json(std::uint64_t{1} << 63), json(1 << 22)})
    expectRefused(with("/model/vocab/d", id), ErrorCode::LimitExceeded, "ids must be below");
  for (const json& id : {json(-1), json(1.5), json("7"), json(nullptr)})
    expectRefused(with("/model/vocab/d", id), ErrorCode::InvalidFormat, "\"d\"");
}

TEST(TokenizerBadInput, CatastrophicRegexStops) {
  const auto tokenizer = load(with("/pre_tokenizer", splitBy("(a+)+(?=b|c)")));
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  EXPECT_TRUE(tokenizer->encode("aab").has_value());
  const double start = testing::cpuSeconds();
  const auto ids = tokenizer->encode(std::string(5000, 'a'));
  EXPECT_LT(testing::cpuSeconds() - start, 20);
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().code, ErrorCode::LimitExceeded);
  EXPECT_THAT(ids.error().message, HasSubstr("regular expression"));
}

TEST(TokenizerBadInput, QuadraticRegexStops) {
  const auto tokenizer = load(with("/pre_tokenizer", splitBy("a*(?=b|c)|a")));
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  const double start = testing::cpuSeconds();
  const auto ids = tokenizer->encode(std::string(1 << 20, 'a'));
  EXPECT_LT(testing::cpuSeconds() - start, 30);
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().code, ErrorCode::LimitExceeded);
}

TEST(TokenizerBadInput, RegexSyntaxThatIsReadDifferentlyIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> patterns = {
      {"[a-z&&[^b]]", "\"&&\""},
      {"[a[bc]]", "class inside a class"},
      {"a{1,3}+", "interval"},
      {"a{2}?", "interval"},
      {"(a)\\1", "\"\\1\""},
      {"(?<n>a)\\g<n>", "(?<n"},
      {"(?m:a.b)", "(?m:"},
      {"(?~ab)", "(?~a"},
      {"(*FAIL)", "(*"},
      {"(?P<n>a)", "(?P<"},
      {"a(?i)b", "(?i)"},
      {"\\R", "\"\\R\""},
      {"[\\W]", "\"\\W\" in a"},
      {"\\k<n>", "\"\\k\""},
      {"\\xE9", "escape"},
      {"\\p{InBasicLatin-1}", "property"},
      {"[[:punct:]]", "[:punct:]"},
      {"(?(1)a|b)", "(?(1"},
      {"\\Qa\\E", "\"\\Q\""},
      {"\\C", "\"\\C\""}};
  for (const auto& [pattern, says] : patterns)
    expectRefused(with("/pre_tokenizer", splitBy(pattern)), ErrorCode::Unsupported, says);
}

TEST(TokenizerBadInput, BrokenRegexIsAnError) {
  for (const char* pattern : {"(a", "a)", "[a", "*a", "\\", "\\p{Klingon}", "[z-a]"})
    expectRefused(with("/pre_tokenizer", splitBy(pattern)), ErrorCode::InvalidFormat,
                  "pre_tokenizer.pattern");
  expectRefused(with("/pre_tokenizer", splitBy("")), ErrorCode::InvalidFormat, "empty");
}

TEST(TokenizerBadInput, HugePatterns) {
  expectRefused(with("/pre_tokenizer", splitBy(std::string(1 << 20, 'a'))),
                ErrorCode::LimitExceeded, "1048576 bytes");
  std::string nested;
  for (int i = 0; i < 5000; ++i)
    nested += "(";
  EXPECT_FALSE(load(with("/pre_tokenizer", splitBy(nested + "a" + std::string(5000, ')')))));
  EXPECT_FALSE(load(with("/pre_tokenizer", splitBy("((a{1000}){1000}){1000}"))));
}

TEST(TokenizerBadInput, EmptyAddedTokenIsSkipped) {
  json file = smallTokenizer();
  file["added_tokens"] = {{{"content", ""}}, {{"content", "<x>"}, {"special", true}}};
  const auto tokenizer = load(file);
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  EXPECT_EQ(testing::encoded(*tokenizer, "a<x>", {}), (std::vector<std::int32_t>{1, 7}));
}

TEST(TokenizerBadInput, HundredThousandAddedTokens) {
  json file = smallTokenizer();
  for (int i = 0; i < 100'000; ++i)
    file["added_tokens"].push_back({{"content", "<" + std::to_string(i) + ">"}});
  const double start = testing::cpuSeconds();
  const auto tokenizer = load(file);
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += "<" + std::to_string(i) + ">a<<";
  const auto ids = testing::encoded(*tokenizer, text, {});
  EXPECT_LT(testing::cpuSeconds() - start, 30);
  ASSERT_EQ(ids.size(), 400'000u);
  EXPECT_EQ(ids[4 * 12345], 7 + 12345);
}

TEST(TokenizerBadInput, LongAddedToken) {
  json file = smallTokenizer();
  file["added_tokens"] = {{{"content", std::string(513, 'x')}}};
  expectRefused(file, ErrorCode::LimitExceeded, "513 bytes");
}

TEST(TokenizerBadInput, AddedTokenThatTheNormalizerRemoves) {
  json file = with("/normalizer", {{"type", "Strip"}});
  file["added_tokens"] = {{{"content", "  "}}};
  expectRefused(file, ErrorCode::Unsupported, "leaves nothing");
}

TEST(TokenizerBadInput, TextThatIsNotUtf8NamesTheByte) {
  const auto tokenizer = load(smallTokenizer());
  ASSERT_TRUE(tokenizer);
  const std::vector<std::pair<std::string, int>> texts = {
      {"ab\xFF", 2},                    // no such byte
      {"a\xED\xA0\x80", 1},             // lone surrogate
      {"\xC0\x80", 0},                  // overlong NUL
      {"aaaaaaaaaaaaaaaa\xE2\x82", 16}, // cut off
      {"\xF4\x90\x80\x80", 0},          // above U+10FFFF
      {"\xC3\xA9\x80", 2}};             // stray continuation
  for (const auto& [text, at] : texts) {
    const auto ids = tokenizer->encode(text);
    ASSERT_FALSE(ids) << text;
    EXPECT_EQ(ids.error().code, ErrorCode::InvalidFormat);
    EXPECT_THAT(ids.error().message, HasSubstr("byte " + std::to_string(at) + " "));
  }
  EXPECT_EQ(testing::encoded(*tokenizer, std::string("a\0b", 3), {}),
            (std::vector<std::int32_t>{1, 0, 2}));
  EXPECT_TRUE(testing::encoded(*tokenizer, "", {}).empty());
}

TEST(TokenizerBadInput, LoneSurrogateInTheFile) {
  std::string file = smallTokenizer().dump();
  file.replace(file.find("\"abc\":"), 6, "\"\\ud800\":");
  const auto tokenizer = Tokenizer::fromJson(file);
  ASSERT_FALSE(tokenizer);
  EXPECT_EQ(tokenizer.error().code, ErrorCode::InvalidFormat);
}

TEST(TokenizerBadInput, NormalizerThatExplodes) {
  json file = smallTokenizer();
  file["normalizer"] = {{"type", "Sequence"}, {"normalizers", json::array()}};
  for (int i = 0; i < 40; ++i)
    file["normalizer"]["normalizers"].push_back(
        {{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aaaaaaaaaa"}});
  const auto tokenizer = load(file);
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  const auto ids = tokenizer->encode("a");
  ASSERT_FALSE(ids);
  EXPECT_EQ(ids.error().code, ErrorCode::LimitExceeded);
}

TEST(TokenizerBadInput, WhatIsNotSupportedIsNamed) {
  const std::vector<std::pair<json, std::string>> files = {
      {with("/version", "2.0"), "\"2.0\""},
      {with("/truncation", json::object()), "\"truncation\""},
      {with("/padding", json::object()), "\"padding\""},
      {with("/extra", 1), "\"extra\""},
      {with("/model/type", "Unigram"), "\"Unigram\""},
      {with("/model/dropout", 0.1), "dropout"},
      {with("/model/continuing_subword_prefix", "##"), "continuing_subword_prefix"},
      {with("/model/end_of_word_suffix", "</w>"), "end_of_word_suffix"},
      {with("/model/new_option", true), "\"new_option\""},
      {with("/normalizer", {{"type", "BertNormalizer"}}), "\"BertNormalizer\""},
      {with("/normalizer", {{"type", "NFC"}, {"fast", true}}), "\"fast\""},
      {with("/pre_tokenizer", {{"type", "BertPreTokenizer"}}), "\"BertPreTokenizer\""},
      {with("/pre_tokenizer",
            {{"type", "Sequence"}, {"pretokenizers", json::array({{{"type", "UnicodeScripts"}}})}}),
       "pre_tokenizer.pretokenizers[0]: pre-tokenizer \"UnicodeScripts\""},
      {with("/pre_tokenizer",
            {{"type", "Split"}, {"pattern", {{"String", "a"}}}, {"behavior", "X"}}),
       "\"X\""},
      {with("/pre_tokenizer",
            {{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", "x"}}),
       "prepend_scheme \"x\""},
      {with("/post_processor", {{"type", "BertProcessing"}}), "\"BertProcessing\""},
      {with("/decoder", {{"type", "WordPiece"}}), "\"WordPiece\""},
      {with("/decoder", {{"type", "Replace"}, {"pattern", {{"Regex", "a"}}}, {"content", ""}}),
       "regular expression in a decoder"},
      {with("/added_tokens", json::array({{{"content", "x"}, {"color", 1}}})), "\"color\""}};
  for (const auto& [file, says] : files)
    expectRefused(file, ErrorCode::Unsupported, says);
}

TEST(TokenizerBadInput, WrongTypesAreNamed) {
  const std::vector<std::pair<json, std::string>> files = {
      {json::array(), "tokenizer.json"},
      {with("/version", 1), "\"version\""},
      {with("/model", nullptr), "model"},
      {with("/model/vocab", json::array()), "\"vocab\""},
      {with("/model/vocab/", 9), "empty text"},
      {with("/model/merges", 7), "\"merges\""},
      {with("/model/unk_token", "<none>"), "\"<none>\""},
      {with("/model/fuse_unk", "yes"), "\"fuse_unk\""},
      {with("/normalizer", "NFC"), "normalizer"},
      {with("/normalizer", {{"type", "Replace"}, {"pattern", "a"}, {"content", ""}}), "pattern"},
      {with("/pre_tokenizer", {{"pattern", "a"}}), "\"type\""},
      {with("/pre_tokenizer", {{"type", "Metaspace"}, {"replacement", "__"}}), "one character"},
      {with("/decoder", {{"type", "Strip"}, {"content", " "}, {"start", -1}, {"stop", 0}}),
       "\"start\""},
      {with("/added_tokens", json::object()), "added_tokens"},
      {with("/added_tokens", json::array({{{"content", 5}}})), "added_tokens[0]"},
      {with("/post_processor", {{"type", "TemplateProcessing"},
                                {"single", json::array({{{"SpecialToken", {{"id", "<s>"}}}}})}}),
       "\"<s>\""},
      {with("/post_processor", {{"type", "TemplateProcessing"},
                                {"single", json::array({{{"SpecialToken", {{"id", "<s>"}}}},
                                                        {{"Sequence", {{"id", "A"}}}}})},
                                {"special_tokens", {{"<s>", {{"ids", {99}}}}}}}),
       "99"}};
  for (const auto& [file, says] : files)
    expectRefused(file, ErrorCode::InvalidFormat, says);
}

TEST(TokenizerBadInput, DeeplyNestedSequences) {
  json nested = {{"type", "NFC"}};
  for (int i = 0; i < 200; ++i)
    nested = {{"type", "Sequence"}, {"normalizers", json::array({nested})}};
  expectRefused(with("/normalizer", nested), ErrorCode::LimitExceeded, "nested");
}

TEST(TokenizerBadInput, MissingFileAndFolder) {
  const auto missing = Tokenizer::load("/nonexistent/tokenizer.json");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  EXPECT_FALSE(Tokenizer::load("/tmp").has_value());
}

TEST(TokenizerBadInput, CutAndFlippedFilesNeverCrash) {
  std::ifstream file(std::string(SY_TEST_DATA) +
                     "/golden/tokenizer/synthetic/spm-byte-fallback.json");
  std::ostringstream content;
  content << file.rdbuf();
  const std::string whole = content.str();
  ASSERT_GT(whole.size(), 1000u);
  for (std::size_t i = 0; i < 200; ++i)
    EXPECT_FALSE(Tokenizer::fromJson(whole.substr(0, whole.size() * i / 200)).has_value());
  for (std::size_t i = 0; i < 300; ++i) {
    std::string flipped = whole;
    const std::size_t at = i < 200 ? i * 20 : whole.size() * i / 300;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (i % 7)));
    if (const auto tokenizer = Tokenizer::fromJson(flipped))
      if (const auto ids = tokenizer->encode("It is \xE2\x80\x94 12, <extra>"))
        tokenizer->decode(*ids, i % 2 == 0);
  }
}

} // namespace
} // namespace switchyard::tokenizer
