#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/vocabulary.h"

namespace switchyard::tokenizer {

/// Buffers of the merge loop, reused from word to word. One per encode().
struct BpeWorkspace {
  struct Symbol {
    std::int32_t token = 0;
    std::int32_t previous = -1; ///< index, -1 at the start
    std::int32_t next = -1;     ///< index, -1 at the end
    bool alive = true;
  };
  std::vector<std::int32_t> tokens;
  std::vector<std::uint32_t> ranks;
  std::vector<Symbol> symbols;
  std::vector<std::uint64_t> candidates; // rank in the high half, position in the low one
  std::vector<std::uint64_t> newCandidates;
};

/// Byte-pair encoding: merges the neighbouring pair of lowest rank, the leftmost of equals, until
/// none merges. Immutable and thread-safe.
/// Source: Sennrich et al. 2016, arXiv:1508.07909, with the unknown-character and byte-fallback
/// rules of Hugging Face tokenizers.
class Bpe {
public:
  /// The "model" of a tokenizer file. Errors: Unsupported for other models and options (dropout,
  /// subword prefixes and suffixes), InvalidFormat for merges of unknown tokens or of mixed shape
  /// and for duplicate ids, LimitExceeded.
  static base::Result<Bpe> parse(const nlohmann::json& json);

  const Vocabulary& vocabulary() const { return m_vocabulary; }
  /// The byte of a byte-fallback token "<0xXX>"; nothing for others or where fallback is off.
  std::optional<std::uint8_t> byteOf(std::int32_t token) const;

  /// Appends the tokens of one pre-tokenized word (well-formed, not empty, below 2 GiB).
  /// O(n log n). A character that is no token becomes byte tokens if all of its bytes have one
  /// and byte fallback is on, else the unknown token, else nothing.
  void encode(std::string_view word, BpeWorkspace& work, std::vector<base::TokenId>& out) const;

private:
  base::Result<void> readVocabulary(const nlohmann::json& vocabulary);
  base::Result<void> readMerges(const nlohmann::json& merges);
  base::Result<void> addMerge(std::string_view left, std::string_view right, std::uint32_t rank);
  void findJoints();
  std::int32_t characterToken(std::string_view character, char32_t value) const;
  void split(std::string_view word, std::vector<std::int32_t>& tokens) const;
  void mergeSegment(std::size_t begin, std::size_t end, BpeWorkspace& work,
                    std::vector<base::TokenId>& out) const;
  void mergeShort(std::size_t begin, std::size_t end, BpeWorkspace& work,
                  std::vector<base::TokenId>& out) const;
  void mergeLong(std::size_t begin, std::size_t end, BpeWorkspace& work,
                 std::vector<base::TokenId>& out) const;

  Vocabulary m_vocabulary;
  MergeTable m_merges;
  std::vector<std::array<std::int32_t, 3>> m_mergeList; // left, right, result; while loading
  // Pairs of characters that some merge joins. Between two others no merge can ever reach across,
  // so a long word falls into parts that merge on their own, with the same result.
  MergeTable m_joints;
  bool m_hasJoints = false;
  std::array<std::int32_t, 0x400> m_characters{}; // tokens of the first code points
  std::array<std::int32_t, 256> m_bytes{};        // tokens "<0xXX>"
  std::int32_t m_unknown = -1;
  bool m_fuseUnknown = false;
  bool m_byteFallback = false;
  bool m_ignoreMerges = false;
};

} // namespace switchyard::tokenizer
