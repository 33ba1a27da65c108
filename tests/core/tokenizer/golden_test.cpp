#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/core/tokenizer/golden.h"

namespace switchyard::tokenizer {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(SY_TEST_DATA) / "golden/tokenizer";

void expectRows(const std::filesystem::path& tokenizerFile, const std::filesystem::path& rows,
                std::size_t count, bool normalizes) {
  const auto tokenizer = Tokenizer::load(tokenizerFile);
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  std::size_t seen = 0;
  for (const nlohmann::json& row : testing::readRows(rows)) {
    ++seen;
    if (!testing::isExempt(row, normalizes))
      testing::expectRow(*tokenizer, row, row.at("text"));
    if (::testing::Test::HasFailure())
      break;
  }
  EXPECT_EQ(seen, count);
}

TEST(TokenizerGolden, DemoModel) {
  expectRows(std::filesystem::path(SY_DATA) / "demo-model/tokenizer.json", kGolden / "demo.jsonl",
             794, false);
}

class Synthetic : public ::testing::TestWithParam<const char*> {};

TEST_P(Synthetic, EqualsTheReference) {
  const std::string name = GetParam();
  const nlohmann::json index =
      nlohmann::json::parse(std::ifstream(kGolden / "index.json")).at("synthetic");
  const auto entry = std::ranges::find(
      index, name, [](const nlohmann::json& item) { return item.at("name").get<std::string>(); });
  ASSERT_NE(entry, index.end());
  const auto file = kGolden / "synthetic" / (name + ".json");
  const auto tokenizer = Tokenizer::load(file);
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  EXPECT_EQ(tokenizer->vocabularySize(), entry->at("vocabulary").get<std::size_t>());
  const auto description = nlohmann::json::parse(std::ifstream(file));
  expectRows(file, kGolden / "synthetic" / (name + ".jsonl"), entry->at("vectors"),
             description.at("normalizer").dump().find("NF") != std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(TokenizerGolden, Synthetic,
                         ::testing::Values("added-tokens", "digits-punctuation", "gpt2-bytelevel",
                                           "llama3-ignore-merges", "metaspace-first", "qwen-nfc",
                                           "spm-byte-fallback", "unk-splits"));

} // namespace
} // namespace switchyard::tokenizer
