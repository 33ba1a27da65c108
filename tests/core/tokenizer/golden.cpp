#include "tests/core/tokenizer/golden.h"

#include <ctime>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/tokenizer/stream_decoder.h"

namespace switchyard::tokenizer::testing {

std::vector<nlohmann::json> readRows(const std::filesystem::path& path) {
  std::vector<nlohmann::json> rows;
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  for (std::string line; std::getline(file, line);)
    rows.push_back(nlohmann::json::parse(line));
  return rows;
}

double cpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::string toHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes)
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

std::vector<std::int32_t> values(const std::vector<base::TokenId>& ids) {
  std::vector<std::int32_t> out;
  for (const base::TokenId id : ids)
    out.push_back(id.value);
  return out;
}

std::vector<base::TokenId> tokenIds(const std::vector<std::int32_t>& values) {
  return {values.begin(), values.end()};
}

std::vector<std::int32_t> encoded(const Tokenizer& tokenizer, const std::string& text,
                                  const EncodeOptions& options) {
  const auto ids = tokenizer.encode(text, options);
  EXPECT_TRUE(ids) << ids.error().describe();
  return ids ? values(*ids) : std::vector<std::int32_t>();
}

bool isExempt(const nlohmann::json& row, bool unicodeNormalizer) {
  const std::string id = row.at("id");
  return row.contains("quirk") ||
         (unicodeNormalizer && (id == "newer-01" || id == "newer-02" || id == "newer-03"));
}

void expectRow(const Tokenizer& tokenizer, const nlohmann::json& row, const std::string& text) {
  SCOPED_TRACE(row.at("id").get<std::string>());
  using Ids = std::vector<std::int32_t>;
  const Ids ids = row.at("ids");
  const Ids asText = row.value("ids_special_as_text", ids);
  const Ids noAdded = row.value("ids_no_added", asText);
  EXPECT_EQ(encoded(tokenizer, text, {}), ids);
  EXPECT_EQ(encoded(tokenizer, text, {.addedTokens = AddedTokenMatching::NotSpecial}), asText);
  EXPECT_EQ(encoded(tokenizer, text, {.addedTokens = AddedTokenMatching::None}), noAdded);
  EXPECT_EQ(encoded(tokenizer, text, {.addTemplate = true}), row.value("ids_with_template", ids));
  if (!row.contains("bytes"))
    return;

  std::vector<std::string> bytes;
  for (const std::int32_t id : ids)
    bytes.push_back(toHex(tokenizer.bytes(base::TokenId(id))));
  EXPECT_EQ(nlohmann::json(bytes), row.at("bytes"));
  const std::string decoded = row.value("decoded", text);
  EXPECT_EQ(tokenizer.decode(tokenIds(ids), false), decoded);
  EXPECT_EQ(tokenizer.decode(tokenIds(ids), true), row.value("decoded_skip_special", decoded));
}

} // namespace switchyard::tokenizer::testing
