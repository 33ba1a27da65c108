// The tokenizers of published models, whose files may not be copied: runs where they are.
#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/core/tokenizer/golden.h"

namespace switchyard::tokenizer {
namespace {

namespace fs = std::filesystem;

const fs::path kReal = fs::path(SY_SHARED) / "real-data/tokenizers";
const fs::path kVectors = fs::path(SY_SHARED) / "goldens/tokenizer";

std::string gunzip(const fs::path& path) {
  std::string out;
  gzFile file = gzopen(path.c_str(), "rb");
  EXPECT_NE(file, nullptr) << path;
  std::vector<char> buffer(1 << 20);
  for (int got = 1; file && got > 0;) {
    got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
    EXPECT_GE(got, 0) << path;
    out.append(buffer.data(), static_cast<std::size_t>(std::max(got, 0)));
  }
  gzclose(file);
  return out;
}

std::string readAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; (at = text.find(separator, begin)) != std::string::npos;
       begin = at + separator.size())
    parts.push_back(text.substr(begin, at - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

/// The numbers of a line, whatever separates them.
std::vector<std::int32_t> numbers(std::string line) {
  std::ranges::replace(line, ',', ' ');
  std::istringstream stream(line);
  std::vector<std::int32_t> out;
  for (std::int32_t value = 0; stream >> value;)
    out.push_back(value);
  return out;
}

std::string unescape(std::string line) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kEscapes = {
      {{"\\n", "\n"}, {"\\s", " "}, {"\\x", ""}}};
  for (const auto& [from, to] : kEscapes)
    for (std::size_t at = 0; (at = line.find(from, at)) != std::string::npos;
         at += std::string(to).size())
      line.replace(at, 2, to);
  return line;
}

Tokenizer loadReal(const std::string& name) {
  const auto tokenizer =
      Tokenizer::fromJson(gunzip(kReal / "hf-json" / (name + ".tokenizer.json.gz")), name);
  if (!tokenizer)
    throw std::runtime_error(tokenizer.error().describe());
  return *tokenizer;
}

#define SKIP_WITHOUT_REAL_TOKENIZERS()                                                             \
  if (!fs::exists(kReal))                                                                          \
  GTEST_SKIP() << "NOT TESTED against the tokenizers of published models: " << kReal               \
               << " is not there"

struct Real {
  const char* name;
  bool nfc;            ///< it has this normalizer
  const char* kitoken; ///< name in the vectors of kitoken; empty: not among them
};

class RealTokenizer : public ::testing::TestWithParam<Real> {};

TEST_P(RealTokenizer, EqualsTheReference) {
  SKIP_WITHOUT_REAL_TOKENIZERS();
  const std::string name = GetParam().name;
  const Tokenizer tokenizer = loadReal(name);
  const auto index = nlohmann::json::parse(std::ifstream(kVectors / "index.json")).at("real");
  const auto entry = std::ranges::find(
      index, name, [](const nlohmann::json& item) { return item.at("name").get<std::string>(); });
  ASSERT_NE(entry, index.end());
  EXPECT_EQ(tokenizer.vocabularySize(), entry->at("vocabulary").get<std::size_t>());

  std::map<std::string, std::string> texts;
  for (const nlohmann::json& row : testing::readRows(kVectors / "texts.jsonl"))
    texts[row.at("id")] = row.at("text");
  const auto rows = testing::readRows(kVectors / (name + ".jsonl"));
  EXPECT_EQ(rows.size(), entry->at("vectors").get<std::size_t>());
  for (const nlohmann::json& row : rows) {
    if (!testing::isExempt(row, GetParam().nfc))
      testing::expectRow(tokenizer, row, texts.at(row.at("id")));
    ASSERT_FALSE(HasFailure());
  }
}

TEST_P(RealTokenizer, EqualsTheVectorsOfKitoken) {
  SKIP_WITHOUT_REAL_TOKENIZERS();
  const std::string kitoken = GetParam().kitoken;
  if (kitoken.empty())
    return;
  const Tokenizer tokenizer = loadReal(GetParam().name);
  const fs::path folder = kReal / "vectors-kitoken";
  for (const auto& [set, lines] : {std::pair("small", 20u), std::pair("mixed", 120u)}) {
    const auto texts = split(readAll(folder / (std::string(set) + "_input.txt")), "\n");
    const auto expected =
        split(readAll(folder / (std::string(set) + "_tokens_" + kitoken + ".txt")), "\n");
    ASSERT_GE(texts.size(), lines);
    ASSERT_GE(expected.size(), lines);
    for (std::size_t i = 0; i < lines; ++i)
      EXPECT_EQ(testing::encoded(tokenizer, unescape(texts[i]), {}), numbers(expected[i]))
          << set << " line " << i + 1;
  }
  EXPECT_EQ(testing::encoded(tokenizer, readAll(folder / "utf8_input.txt"), {}),
            numbers(readAll(folder / ("utf8_tokens_" + kitoken + ".txt"))));
}

TEST(RealTokenizers, Qwen3EqualsTheVectorsOfLlamaCpp) {
  SKIP_WITHOUT_REAL_TOKENIZERS();
  const Tokenizer tokenizer = loadReal("qwen3");
  for (const char* name : {"qwen2", "deepseek-r1-qwen"}) {
    const std::string file = std::string("vectors-llama.cpp/ggml-vocab-") + name + ".gguf";
    const auto texts = split(readAll(kReal / (file + ".inp")), "\n__ggml_vocab_test__\n");
    const auto expected = split(readAll(kReal / (file + ".out")), "\n");
    ASSERT_GE(texts.size(), 47u);
    ASSERT_GE(expected.size(), 47u);
    for (std::size_t i = 0; i < 47; ++i)
      EXPECT_EQ(testing::encoded(tokenizer, texts[i], {}), numbers(expected[i]))
          << name << " text " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(RealTokenizers, RealTokenizer,
                         ::testing::Values(Real{"deepseek_v3", false, "r1"},
                                           Real{"gpt_neox", true, "gpt_neox"},
                                           Real{"gptoss", false, "gpt_oss"},
                                           Real{"mistral-v0.1_mixtral-8x7b", false, "mistral01"},
                                           Real{"olmoe_allenai_gpt-neox-olmo-dolma-v1_5", true, ""},
                                           Real{"qwen3", true, ""}));

} // namespace
} // namespace switchyard::tokenizer
