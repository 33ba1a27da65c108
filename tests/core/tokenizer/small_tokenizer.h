#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "core/tokenizer/tokenizer.h"

namespace switchyard::tokenizer::testing {

/// A tokenizer file with the tokens a, b, c, ab, abc, a space and "<unk>" and two merges, for tests
/// that change one thing in it.
inline nlohmann::json smallTokenizer() {
  return nlohmann::json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
    "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
    "model": {"type": "BPE", "unk_token": "<unk>",
              "vocab": {"<unk>": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "abc": 5, " ": 6},
              "merges": [["a", "b"], ["ab", "c"]]}})");
}

inline base::Result<Tokenizer> load(const nlohmann::json& json) {
  return Tokenizer::fromJson(json.dump(), "test");
}

inline nlohmann::json splitBy(const std::string& regex) {
  return {{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", "Isolated"}};
}

} // namespace switchyard::tokenizer::testing
