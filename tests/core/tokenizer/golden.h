#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/tokenizer/tokenizer.h"

namespace switchyard::tokenizer::testing {

/// The rows of a JSONL file; a failed expectation and nothing if it cannot be read.
std::vector<nlohmann::json> readRows(const std::filesystem::path& path);

/// Processor time of this process so far: what a bound on running time is held against, since other
/// programs may keep the machine busy.
double cpuSeconds();

std::string toHex(std::string_view bytes);
std::vector<std::int32_t> values(const std::vector<base::TokenId>& ids);
std::vector<base::TokenId> tokenIds(const std::vector<std::int32_t>& values);

/// Encodes; a failed expectation and nothing on error.
std::vector<std::int32_t> encoded(const Tokenizer& tokenizer, const std::string& text,
                                  const EncodeOptions& options);

/// Rows that are not held against us (see the README of the vectors): those where the library
/// itself is wrong, and three with characters newer than the tables of its normalizer.
bool isExempt(const nlohmann::json& row, bool unicodeNormalizer);

/// Compares everything that a row of vectors (tests/golden/tokenizer/README.md) expects, with its
/// rules for absent fields. Says the row's id on failure.
void expectRow(const Tokenizer& tokenizer, const nlohmann::json& row, const std::string& text);

} // namespace switchyard::tokenizer::testing
