#include "core/tokenizer/tokenizer.h"

#include <fmt/format.h>

#include "core/tokenizer/encode_run.h"
#include "core/tokenizer/stream_decoder.h"
#include "core/tokenizer/tokenizer_parts.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::TokenId;

std::string_view TokenizerParts::token(std::int32_t id) const {
  if (const AddedToken* token = added.find(id))
    return token->content;
  return model.vocabulary().text(id).value_or(std::string_view());
}

std::string_view TokenizerParts::decoded(std::int32_t id) const {
  if (const AddedToken* token = added.find(id))
    return token->pattern;
  return token(id);
}

Result<std::vector<TokenId>> Tokenizer::encode(std::string_view text,
                                               const EncodeOptions& options) const {
  if (text.size() > kMaxTextBytes)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("a text of {} bytes; at most {} are accepted, cut it into parts",
                            text.size(), kMaxTextBytes));
  if (const auto at = firstInvalidByte(text))
    return fail(ErrorCode::InvalidFormat,
                fmt::format("the text is not valid UTF-8 at byte {} (0x{:02X}); convert it first",
                            *at, static_cast<std::uint8_t>(text[*at])));
  std::vector<TokenId> out;
  if (options.addTemplate)
    out = m_parts->postProcessor.before;
  SY_TRY(EncodeRun(*m_parts, text, options.addedTokens).run(out));
  if (options.addTemplate)
    out.insert(out.end(), m_parts->postProcessor.behind.begin(),
               m_parts->postProcessor.behind.end());
  return out;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skipSpecial) const {
  StreamDecoder stream(*this, skipSpecial);
  std::string text;
  for (const TokenId id : ids)
    text += stream.add(id);
  return text += stream.finish();
}

std::size_t Tokenizer::vocabularySize() const {
  return m_parts->size;
}

std::int32_t Tokenizer::idLimit() const {
  return static_cast<std::int32_t>(m_parts->displayOffsets.size()) - 1;
}

std::string_view Tokenizer::token(TokenId id) const {
  return m_parts->token(id.value);
}

std::string_view Tokenizer::bytes(TokenId id) const {
  if (id.value < 0 || id.value >= idLimit())
    return {};
  const auto at = static_cast<std::size_t>(id.value);
  const std::uint32_t begin = m_parts->displayOffsets[at];
  return std::string_view(m_parts->displayBytes)
      .substr(begin, m_parts->displayOffsets[at + 1] - begin);
}

bool Tokenizer::isSpecial(TokenId id) const {
  const AddedToken* token = m_parts->added.find(id.value);
  return token && token->special;
}

} // namespace switchyard::tokenizer
