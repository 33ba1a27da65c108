#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/word_cache.h"

namespace switchyard::tokenizer {

struct TokenizerParts;

/// One encode(): the way of a text through added tokens, normalizers, added tokens again,
/// pre-tokenizers and the model. Borrows all it is given.
class EncodeRun {
public:
  /// text: well-formed UTF-8, at most Tokenizer::kMaxTextBytes.
  EncodeRun(const TokenizerParts& parts, std::string_view text, AddedTokenMatching matching);

  /// Appends the tokens. Once only. Errors: LimitExceeded.
  base::Result<void> run(std::vector<base::TokenId>& out);

private:
  base::Result<void> encodeRaw(std::string_view text, bool atInputStart);
  base::Result<void> encodeNormalized(std::string_view text, bool atInputStart);
  void encodeWord(std::string_view word);

  const TokenizerParts& m_parts;
  std::string_view m_text;
  AddedTokenMatching m_matching;
  EncodeBudget m_budget;
  WordCache m_cache;
  BpeWorkspace m_work;
  std::string m_characters;
  std::vector<base::TokenId>* m_out = nullptr;
};

} // namespace switchyard::tokenizer
