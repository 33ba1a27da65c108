#pragma once

#include <string>
#include <string_view>

namespace switchyard::tokenizer {

/// The 256 printable characters that byte-level tokenizers write bytes with (GPT-2): 0x21-7E,
/// A1-AC and AE-FF stand for themselves, the other 68 bytes are U+0100 onwards in rising order.

/// Appends the characters of `bytes` as UTF-8.
void appendByteCharacters(std::string& out, std::string_view bytes);

/// Appends the bytes that the characters of well-formed `text` stand for; the bytes of `text`
/// itself if one of its characters is outside the alphabet.
void appendBehindByteCharacters(std::string& out, std::string_view text);

} // namespace switchyard::tokenizer
