// The merge loop against the textbook loop, its running time, and use by several threads.
#include "core/tokenizer/bpe.h"

#include <atomic>
#include <fstream>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "tests/core/tokenizer/golden.h"
#include "tests/core/tokenizer/small_tokenizer.h"

namespace switchyard::tokenizer {
namespace {

using nlohmann::json;

const std::filesystem::path kGolden = std::filesystem::path(SY_TEST_DATA) / "golden/tokenizer";
const std::filesystem::path kDemo = std::filesystem::path(SY_DATA) / "demo-model/tokenizer.json";

json readJson(const std::filesystem::path& path) {
  return json::parse(std::ifstream(path));
}

/// Byte-pair encoding as it is defined: merge the best pair until there is none.
std::vector<std::string> textbook(std::vector<std::string> parts,
                                  const std::map<std::pair<std::string, std::string>, int>& ranks) {
  for (;;) {
    std::size_t best = parts.size();
    int bestRank = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto found = ranks.find({parts[i], parts[i + 1]});
      if (found != ranks.end() && (best == parts.size() || found->second < bestRank)) {
        best = i;
        bestRank = found->second;
      }
    }
    if (best == parts.size())
      return parts;
    parts[best] += parts[best + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

void expectTextbook(const std::filesystem::path& file, const std::string& alphabet,
                    std::size_t longest) {
  const json model = readJson(file).at("model");
  const auto bpe = Bpe::parse(model);
  ASSERT_TRUE(bpe) << bpe.error().describe();
  std::map<std::pair<std::string, std::string>, int> ranks;
  for (const json& merge : model.at("merges")) {
    std::pair<std::string, std::string> pair;
    if (merge.is_array()) {
      pair = {merge[0], merge[1]};
    } else {
      const std::string text = merge;
      pair = {text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1)};
    }
    ranks[pair] = static_cast<int>(ranks.size());
  }
  base::Rng rng(7);
  BpeWorkspace work;
  for (int round = 0; round < 300; ++round) {
    std::string word;
    std::vector<std::string> parts;
    const std::size_t length = 1 + rng.nextBelow(longest);
    // Few different letters: many equal pairs, where the order of merges shows.
    const std::size_t letters = 1 + rng.nextBelow(alphabet.size());
    for (std::size_t i = 0; i < length; ++i) {
      parts.emplace_back(1, alphabet[rng.nextBelow(letters)]);
      word += parts.back();
    }
    std::vector<base::TokenId> ids;
    bpe->encode(word, work, ids);
    std::vector<std::int32_t> expected;
    for (const std::string& part : textbook(parts, ranks))
      expected.push_back(model.at("vocab").at(part));
    ASSERT_EQ(testing::values(ids), expected) << word;
  }
}

TEST(Bpe, EqualsTheTextbookLoopOnShortWords) {
  expectTextbook(kDemo, "etaonih", 40);
}
TEST(Bpe, EqualsTheTextbookLoopOnLongWords) {
  expectTextbook(kDemo, "etaonihsr", 400);
}
TEST(Bpe, EqualsTheTextbookLoopWithoutPreTokenizer) {
  expectTextbook(kGolden / "synthetic/spm-byte-fallback.json", "etaonihsr", 400);
}

TEST(Bpe, LaterOfTwoEqualMergesCounts) {
  json file = testing::smallTokenizer();
  file["model"]["vocab"]["bc"] = 7;
  file["model"]["merges"] = json::array({"a b", "b c", "a b"});
  const auto tokenizer = testing::load(file);
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(testing::encoded(*tokenizer, "abc", {}), (std::vector<std::int32_t>{1, 7}));
}

/// 10 MB of something that an implementation with a quadratic corner would never finish.
class LinearTime : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(LinearTime, TenMegabytesEncodeInSeconds) {
  const auto& [name, unit] = GetParam();
  const auto tokenizer = Tokenizer::load(
      std::string(name) == "demo" ? kDemo : kGolden / "synthetic" / (std::string(name) + ".json"));
  ASSERT_TRUE(tokenizer) << tokenizer.error().describe();
  std::string text;
  while (text.size() < 10'000'000)
    text += unit;
  const double start = testing::cpuSeconds();
  const auto ids = tokenizer->encode(text);
  const double seconds = testing::cpuSeconds() - start;
  ASSERT_TRUE(ids) << ids.error().describe();
  EXPECT_GT(ids->size(), 0u);
  // A quadratic loop would take days; the bound leaves room for sanitizers.
  EXPECT_LT(seconds, 60);
}

INSTANTIATE_TEST_SUITE_P(
    Tokenizer, LinearTime,
    ::testing::Values(std::pair("demo", "a"), std::pair("demo", " "), std::pair("demo", "\n"),
                      std::pair("spm-byte-fallback", "e"), std::pair("spm-byte-fallback", "\u4E00"),
                      std::pair("qwen-nfc", "\u0301\u0316"), std::pair("qwen-nfc", "e\u0301")));

TEST(TokenizerThreads, ManyMayUseOneTokenizer) {
  const auto tokenizer = Tokenizer::load(kGolden / "synthetic/qwen-nfc.json");
  ASSERT_TRUE(tokenizer);
  const auto rows = testing::readRows(kGolden / "synthetic/qwen-nfc.jsonl");
  std::vector<std::vector<std::int32_t>> expected;
  for (const json& row : rows)
    expected.push_back(testing::encoded(*tokenizer, row.at("text"), {}));
  std::atomic<int> different = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 6; ++t)
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const std::size_t row = (i + 100 * t) % rows.size();
          const auto ids = tokenizer->encode(rows[row].at("text").get<std::string>());
          different += !ids || testing::values(*ids) != expected[row];
        }
      });
  }
  EXPECT_EQ(different, 0);
}

} // namespace
} // namespace switchyard::tokenizer
