#include "core/tokenizer/utf8.h"

#include <cstdint>
#include <cstring>

namespace switchyard::tokenizer {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t byteAt(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

struct Sequence {
  std::size_t bytes = 0;  ///< well-formed so far (the maximal subpart when it goes wrong)
  std::size_t wanted = 0; ///< full length; 0 for a byte that cannot lead
};

/// Looks at the sequence that starts at `at`: complete if bytes == wanted.
Sequence sequenceAt(std::string_view text, std::size_t at) {
  const std::uint8_t lead = byteAt(text, at);
  if (lead < 0x80)
    return {1, 1};
  if (lead < 0xC2 || lead > 0xF4)
    return {1, 0};
  const std::size_t wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0)
    low = 0xA0;
  else if (lead == 0xED)
    high = 0x9F;
  else if (lead == 0xF0)
    low = 0x90;
  else if (lead == 0xF4)
    high = 0x8F;
  std::size_t bytes = 1;
  while (bytes < wanted && at + bytes < text.size()) {
    const std::uint8_t next = byteAt(text, at + bytes);
    if (next < low || next > high)
      break;
    low = 0x80;
    high = 0xBF;
    ++bytes;
  }
  return {bytes, wanted};
}

} // namespace

std::optional<std::size_t> firstInvalidByte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (at + 8 <= text.size()) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, 8);
      if (word & 0x8080808080808080ull)
        break;
      at += 8;
    }
    if (at >= text.size())
      break;
    const Sequence sequence = sequenceAt(text, at);
    if (sequence.bytes != sequence.wanted)
      return at;
    at += sequence.bytes;
  }
  return std::nullopt;
}

CodePoint codePointAt(std::string_view text, std::size_t at) {
  const std::uint8_t lead = byteAt(text, at);
  if (lead < 0x80)
    return {lead, 1};
  const std::size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t value = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i)
    value = (value << 6) | (byteAt(text, at + i) & 0x3Fu);
  return {value, bytes};
}

CodePoint codePointBefore(std::string_view text, std::size_t end) {
  std::size_t at = end - 1;
  while (at > 0 && (byteAt(text, at) & 0xC0) == 0x80)
    --at;
  return codePointAt(text, at);
}

void appendCodePoint(std::string& out, char32_t value) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6));
    put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | (value >> 18));
    put(0x80 | ((value >> 12) & 0x3F));
    put(0x80 | ((value >> 6) & 0x3F));
    put(0x80 | (value & 0x3F));
  }
}

void LossyUtf8::add(std::string_view bytes, std::string& out) {
  m_pending += bytes;
  std::size_t at = 0;
  while (at < m_pending.size()) {
    const Sequence sequence = sequenceAt(m_pending, at);
    if (sequence.bytes == sequence.wanted)
      out.append(m_pending, at, sequence.bytes);
    else if (sequence.wanted != 0 && at + sequence.bytes == m_pending.size())
      break;
    else
      out += kReplacement;
    at += sequence.bytes;
  }
  m_pending.erase(0, at);
}

void LossyUtf8::finish(std::string& out) {
  if (!m_pending.empty())
    out += kReplacement;
  m_pending.clear();
}

} // namespace switchyard::tokenizer
