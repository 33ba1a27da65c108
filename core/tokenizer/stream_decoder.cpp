#include "core/tokenizer/stream_decoder.h"

#include <utility>

#include "core/tokenizer/tokenizer_parts.h"

namespace switchyard::tokenizer {

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool skipSpecial)
    : m_tokenizer(tokenizer), m_skipSpecial(skipSpecial),
      m_run(m_tokenizer.m_parts->decoder, m_text) {}

std::string StreamDecoder::add(base::TokenId id) {
  const std::string_view token = m_tokenizer.m_parts->decoded(id.value);
  if (!token.empty() && !(m_skipSpecial && m_tokenizer.isSpecial(id)))
    m_run.token(token);
  return std::exchange(m_text, {});
}

std::string StreamDecoder::finish() {
  m_run.finish();
  return std::exchange(m_text, {});
}

} // namespace switchyard::tokenizer
