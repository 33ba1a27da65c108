#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/tokenizer/added_tokens.h"

namespace switchyard::tokenizer {

struct TokenizerParts;

struct EncodeOptions {
  /// Put the tokens of the post-processor (BOS, EOS) around the text's.
  bool addTemplate = false;
  /// Which added tokens are recognised in the text. Text from strangers should not be able to
  /// write control tokens: encode it with NotSpecial or None.
  AddedTokenMatching addedTokens = AddedTokenMatching::All;
};

/// The tokenizer of a model, read from a tokenizer.json (Hugging Face tokenizers, model type BPE).
/// Encodes and decodes exactly as the reference library does. Immutable; copies share their data;
/// any number of threads may use one.
///
/// Deviations, all on purpose: a file with anything that is not supported is refused and the thing
/// named; Unicode tables are those of PCRE2 and utf8proc; spaces that an rstrip token has taken
/// along are not encoded again.
class Tokenizer {
public:
  static constexpr std::uint64_t kMaxFileBytes = 64u << 20;
  static constexpr std::size_t kMaxTextBytes = std::size_t{128} << 20;

  /// Reads a tokenizer.json. Errors: NotFound, Io, LimitExceeded (file above kMaxFileBytes, ids,
  /// counts), InvalidFormat, Unsupported; all with the file.
  static base::Result<Tokenizer> load(const std::filesystem::path& path);
  /// The same from the content of such a file. `source` names it in errors.
  static base::Result<Tokenizer> fromJson(std::string_view json, std::string source = {});

  /// The tokens of `text`, which must be well-formed UTF-8; NUL is a character like others.
  /// Errors: InvalidFormat naming the byte offset where UTF-8 is ill-formed (lone surrogates are);
  /// LimitExceeded for texts above kMaxTextBytes and when a pattern or normalizer of the file
  /// explodes on this text. Time O(n log n) in the text's length.
  base::Result<std::vector<base::TokenId>> encode(std::string_view text,
                                                  const EncodeOptions& options = {}) const;

  /// The text of `ids`, well-formed UTF-8: bytes that form no character become U+FFFD. Ids that
  /// the tokenizer does not know are left out, special tokens if skipSpecial.
  std::string decode(std::span<const base::TokenId> ids, bool skipSpecial) const;

  /// Number of tokens, added ones included.
  std::size_t vocabularySize() const;
  /// One above the highest id.
  std::int32_t idLimit() const;
  /// The token as the file writes it; empty if there is none.
  std::string_view token(base::TokenId id) const;
  /// The bytes that a token stands for, for display: possibly part of a character. An added token
  /// gives its content, a byte-level token the bytes behind the alphabet; the character that stands
  /// for a space gives a space, "<0xXX>" that byte. Empty if there is no such token.
  std::string_view bytes(base::TokenId id) const;
  /// Added with "special": control tokens, which skipSpecial leaves out.
  bool isSpecial(base::TokenId id) const;

private:
  friend class StreamDecoder;
  explicit Tokenizer(std::shared_ptr<const TokenizerParts> parts) : m_parts(std::move(parts)) {}
  std::shared_ptr<const TokenizerParts> m_parts;
};

} // namespace switchyard::tokenizer
