#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/vocabulary.h"

namespace switchyard::tokenizer {

/// Which added tokens are looked for in a text.
enum class AddedTokenMatching {
  All,
  NotSpecial, ///< the text of a special token ("<|endoftext|>") is text
  None,
};

struct AddedToken {
  std::string content;
  std::string pattern; ///< what is looked for, and decoded to: the content, normalized if it is so
  std::int32_t id = 0;
  bool singleWord = false; ///< not beside a word character
  bool lstrip = false;     ///< takes the white space before it along
  bool rstrip = false;     ///< takes the white space behind it along
  bool normalized = false; ///< looked for in the normalized text
  bool special = false;
};

/// Finds texts of a fixed set, leftmost first and the longest of several that start together.
/// Time per byte of the searched text: at most the length of the longest text of the set.
class TextSet {
public:
  /// Error LimitExceeded for an item of more than 512 bytes. Empty ones must not be there.
  static base::Result<TextSet> of(const std::vector<std::pair<std::string, std::int32_t>>& items);

  struct Hit {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int32_t value = -1; ///< -1: no hit
  };
  Hit find(std::string_view text, std::size_t from) const;

private:
  std::vector<std::pair<std::string, std::int32_t>> m_items; // sorted
  std::array<std::uint32_t, 257> m_first{};                  // items by first byte
};

/// The "added_tokens" of a tokenizer file. Immutable and thread-safe.
class AddedTokens {
public:
  /// As the reference does it, the "id" of the file is not read: a content that the vocabulary has
  /// keeps its id, the others get the next free ones. Empty contents are skipped.
  /// Errors: Unsupported for other options, InvalidFormat, LimitExceeded.
  static base::Result<AddedTokens> parse(const nlohmann::json& json, const Vocabulary& vocabulary,
                                         const Normalizers& normalizers);

  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int32_t token = -1; ///< -1: text
  };
  /// Cuts a well-formed text into tokens and the text between them; every
  /// byte is in one span. `normalized` chooses the tokens that are looked for.
  std::vector<Span> split(std::string_view text, bool normalized, AddedTokenMatching mode) const;

  const std::vector<AddedToken>& tokens() const { return m_tokens; }
  /// Null if the id is not an added token's.
  const AddedToken* find(std::int32_t id) const;

private:
  std::vector<AddedToken> m_tokens;      // one for each id
  std::vector<std::int32_t> m_indexById; // -1: not an added token
  TextSet m_raw;
  TextSet m_normalized;
};

} // namespace switchyard::tokenizer
