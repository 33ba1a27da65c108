#include "core/tokenizer/byte_alphabet.h"

#include <array>
#include <cstdint>

#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

namespace {

constexpr std::size_t kCharacters = 0x100 + 68;

struct Alphabet {
  std::array<char16_t, 256> character{};
  std::array<std::int16_t, kCharacters> byte{};
};

constexpr Alphabet makeAlphabet() {
  Alphabet alphabet;
  for (auto& byte : alphabet.byte)
    byte = -1;
  std::size_t next = 0x100;
  for (std::size_t b = 0; b < 256; ++b) {
    const bool itself =
        (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
    const std::size_t character = itself ? b : next++;
    alphabet.character[b] = static_cast<char16_t>(character);
    alphabet.byte[character] = static_cast<std::int16_t>(b);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = makeAlphabet();

} // namespace

void appendByteCharacters(std::string& out, std::string_view bytes) {
  for (const char byte : bytes)
    appendCodePoint(out, kAlphabet.character[static_cast<std::uint8_t>(byte)]);
}

void appendBehindByteCharacters(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = codePointAt(text, at);
    if (c.value >= kCharacters || kAlphabet.byte[c.value] < 0) {
      out.resize(start);
      out += text;
      return;
    }
    out.push_back(static_cast<char>(kAlphabet.byte[c.value]));
    at += c.bytes;
  }
}

} // namespace switchyard::tokenizer
