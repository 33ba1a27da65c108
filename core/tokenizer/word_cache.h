#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/ids.h"

namespace switchyard::tokenizer {

/// Remembers the tokens of short words within one encode(). Of bounded size: a word may push
/// another one out.
class WordCache {
public:
  static constexpr std::size_t kMaxWord = 22;
  static constexpr std::size_t kMaxTokens = 8;

  /// textBytes: length of the text that will be encoded.
  explicit WordCache(std::size_t textBytes) {
    std::size_t entries = 64;
    while (entries < 16384 && entries * 32 < textBytes)
      entries *= 2;
    m_entries.resize(entries);
  }

  struct Entry {
    std::uint8_t length = 0; ///< of the word; 0: free
    std::uint8_t count = 0;
    std::array<char, kMaxWord> word{};
    std::array<base::TokenId, kMaxTokens> tokens{};

    bool holds(std::string_view other) const {
      return length == other.size() && std::memcmp(word.data(), other.data(), length) == 0;
    }
    std::span<const base::TokenId> ids() const { return std::span(tokens).first(count); }
    void set(std::string_view newWord, std::span<const base::TokenId> ids) {
      length = static_cast<std::uint8_t>(newWord.size());
      count = static_cast<std::uint8_t>(ids.size());
      std::memcpy(word.data(), newWord.data(), newWord.size());
      std::copy(ids.begin(), ids.end(), tokens.begin());
    }
  };

  /// Where this word (not empty, at most kMaxWord bytes) is kept, or another one instead.
  Entry& at(std::string_view word) { return m_entries[hash(word) & (m_entries.size() - 1)]; }

private:
  static std::uint64_t load(const char* from, std::size_t bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, bytes);
    return value;
  }
  static std::uint64_t hash(std::string_view word) {
    std::uint64_t hash = word.size();
    std::size_t at = 0;
    for (; at + 8 <= word.size(); at += 8)
      hash = mix(hash ^ load(word.data() + at, 8));
    return mix(hash ^ load(word.data() + at, word.size() - at)) >> 32;
  }
  static std::uint64_t mix(std::uint64_t value) {
    value *= 0x9E3779B97F4A7C15ull;
    return value ^ (value >> 29);
  }

  std::vector<Entry> m_entries;
};

} // namespace switchyard::tokenizer
