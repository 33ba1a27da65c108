#include "core/tokenizer/encode_run.h"

#include <limits>

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/tokenizer_parts.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::TokenId;

namespace {
// Offsets within a part of the text have 32 bits, and the byte alphabet may double it.
constexpr std::size_t kMaxPartBytes = std::numeric_limits<std::int32_t>::max() / 2;
} // namespace

EncodeRun::EncodeRun(const TokenizerParts& parts, std::string_view text,
                     AddedTokenMatching matching)
    : m_parts(parts), m_text(text), m_matching(matching), m_budget(text.size()),
      m_cache(text.size()) {}

Result<void> EncodeRun::run(std::vector<TokenId>& out) {
  m_out = &out;
  for (const AddedTokens::Span& span : m_parts.added.split(m_text, false, m_matching))
    if (span.token >= 0)
      out.push_back(TokenId(span.token));
    else
      SY_TRY(encodeRaw(m_text.substr(span.begin, span.end - span.begin), span.begin == 0));
  return {};
}

Result<void> EncodeRun::encodeRaw(std::string_view text, bool atInputStart) {
  NormalizedText normalized{std::string(text), atInputStart};
  SY_TRY(normalize(m_parts.normalizers, normalized, m_budget));
  if (normalized.text.size() > kMaxPartBytes)
    return fail(ErrorCode::LimitExceeded, "the normalized text has more than 1 GiB");
  const std::string_view whole = normalized.text;
  for (const AddedTokens::Span& span : m_parts.added.split(whole, true, m_matching))
    if (span.token >= 0)
      m_out->push_back(TokenId(span.token));
    else
      SY_TRY(encodeNormalized(whole.substr(span.begin, span.end - span.begin),
                              normalized.atInputStart && span.begin == 0));
  return {};
}

Result<void> EncodeRun::encodeNormalized(std::string_view text, bool atInputStart) {
  PieceList list{std::string(text), {{0, static_cast<std::uint32_t>(text.size())}}, atInputStart};
  for (const auto& step : m_parts.preTokenizers.steps) {
    SY_TRY(step->apply(list, m_budget));
    if (list.text.size() > kMaxPartBytes)
      return fail(ErrorCode::LimitExceeded, "the pre-tokenized text has more than 1 GiB");
  }
  for (const Piece& piece : list.pieces)
    encodeWord(list.view(piece));
  return {};
}

void EncodeRun::encodeWord(std::string_view word) {
  WordCache::Entry* entry = word.size() <= WordCache::kMaxWord ? &m_cache.at(word) : nullptr;
  if (entry && entry->holds(word)) {
    const auto ids = entry->ids();
    m_out->insert(m_out->end(), ids.begin(), ids.end());
    return;
  }
  const std::size_t start = m_out->size();
  if (m_parts.preTokenizers.byteAlphabetLast) {
    m_characters.clear();
    appendByteCharacters(m_characters, word);
    m_parts.model.encode(m_characters, m_work, *m_out);
  } else {
    m_parts.model.encode(word, m_work, *m_out);
  }
  const std::span<const TokenId> ids = std::span(*m_out).subspan(start);
  if (entry && ids.size() <= WordCache::kMaxTokens)
    entry->set(word, ids);
}

} // namespace switchyard::tokenizer
