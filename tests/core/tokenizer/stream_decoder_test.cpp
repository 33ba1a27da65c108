#include "core/tokenizer/stream_decoder.h"

#include <gtest/gtest.h>

#include "core/tokenizer/utf8.h"
#include "tests/core/tokenizer/golden.h"
#include "tests/core/tokenizer/small_tokenizer.h"

namespace switchyard::tokenizer {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(SY_TEST_DATA) / "golden/tokenizer";

class StreamDecoding : public ::testing::TestWithParam<const char*> {};

TEST_P(StreamDecoding, PartsAreWellFormedAndJoinToTheReferenceText) {
  const std::string name = GetParam();
  const auto tokenizer = Tokenizer::load(kGolden / "synthetic" / (name + ".json"));
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  for (const nlohmann::json& row : testing::readRows(kGolden / "synthetic" / (name + ".jsonl"))) {
    const std::string decoded = row.value("decoded", row.at("text").get<std::string>());
    const std::string skipping = row.value("decoded_skip_special", decoded);
    for (const bool skip : {false, true}) {
      StreamDecoder stream(*tokenizer, skip);
      std::string text;
      const auto take = [&](const std::string& part) {
        EXPECT_FALSE(firstInvalidByte(part)) << row.at("id");
        text += part;
      };
      for (const std::int32_t id : row.at("ids").get<std::vector<std::int32_t>>())
        take(stream.add(base::TokenId(id)));
      take(stream.finish());
      EXPECT_EQ(text, skip ? skipping : decoded) << row.at("id");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tokenizer, StreamDecoding,
                         ::testing::Values("added-tokens", "digits-punctuation", "gpt2-bytelevel",
                                           "llama3-ignore-merges", "metaspace-first", "qwen-nfc",
                                           "spm-byte-fallback", "unk-splits"));

TEST(StreamDecoder, HoldsAnUnfinishedCharacterBack) {
  const auto tokenizer =
      Tokenizer::load(std::filesystem::path(SY_DATA) / "demo-model/tokenizer.json");
  ASSERT_TRUE(tokenizer);
  const auto ids = tokenizer->encode("a\U0001F9EDb");
  ASSERT_TRUE(ids);
  ASSERT_GT(ids->size(), 3u) << "the emoji must be of several tokens for this test";
  StreamDecoder stream(*tokenizer, true);
  EXPECT_EQ(stream.add(ids->front()), "a");
  for (std::size_t i = 1; i + 2 < ids->size(); ++i)
    EXPECT_EQ(stream.add((*ids)[i]), "") << i;
  EXPECT_EQ(stream.add((*ids)[ids->size() - 2]), "\U0001F9ED");
  EXPECT_EQ(stream.add(ids->back()), "b");
  EXPECT_EQ(stream.finish(), "");
}

TEST(StreamDecoder, EndsAnUnfinishedCharacterAsReplacement) {
  const auto tokenizer =
      Tokenizer::load(std::filesystem::path(SY_DATA) / "demo-model/tokenizer.json");
  ASSERT_TRUE(tokenizer);
  const auto ids = tokenizer->encode("\U0001F9ED");
  ASSERT_TRUE(ids);
  StreamDecoder stream(*tokenizer, true);
  EXPECT_EQ(stream.add(ids->front()), "");
  EXPECT_EQ(stream.add(base::TokenId(1 << 30)), "") << "unknown ids are left out";
  EXPECT_EQ(stream.finish(), "\uFFFD");
}

TEST(StreamDecoder, OutlivesTheTokenizerItWasMadeFrom) {
  auto tokenizer = testing::load(testing::smallTokenizer());
  ASSERT_TRUE(tokenizer);
  StreamDecoder stream(*tokenizer, false);
  tokenizer = base::fail(base::ErrorCode::NotFound, "gone");
  EXPECT_EQ(stream.add(base::TokenId(5)), "abc");
  EXPECT_EQ(stream.add(base::TokenId(1)), " a") << "without a decoder tokens are joined by spaces";
}

TEST(LossyUtf8, ReplacesEachMaximalSubpart) {
  // The example of the Unicode standard (table 3-8), cut at every place.
  const std::string bytes = "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64";
  const std::string expected = "a\uFFFD\uFFFD\uFFFD"
                               "b\uFFFD"
                               "c\uFFFD\uFFFD"
                               "d";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    LossyUtf8 lossy;
    std::string out;
    lossy.add(bytes.substr(0, cut), out);
    lossy.add(bytes.substr(cut), out);
    lossy.finish(out);
    EXPECT_EQ(out, expected) << cut;
  }
}

} // namespace
} // namespace switchyard::tokenizer
