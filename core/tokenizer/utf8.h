#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::tokenizer {

/// Offset of the first byte that does not start or continue a well-formed UTF-8 sequence (no
/// overlong forms, no surrogates, nothing above U+10FFFF); nothing if all of `text` is well-formed.
std::optional<std::size_t> firstInvalidByte(std::string_view text);

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};

/// The code point that starts at byte `at`. text must be well-formed and at < text.size().
CodePoint codePointAt(std::string_view text, std::size_t at);
/// The code point that ends before byte `end`. text must be well-formed and 0 < end.
CodePoint codePointBefore(std::string_view text, std::size_t end);
/// Appends a scalar value as UTF-8.
void appendCodePoint(std::string& out, char32_t value);

/// Turns bytes that arrive in any cuts into well-formed text. Ill-formed parts become U+FFFD, one
/// for each maximal subpart (Unicode 3.9, what browsers do).
class LossyUtf8 {
public:
  /// Appends to `out` what is certain after these bytes; at most three bytes are kept back.
  void add(std::string_view bytes, std::string& out);
  /// The input ends: an unfinished sequence becomes one U+FFFD.
  void finish(std::string& out);

private:
  std::string m_pending;
};

} // namespace switchyard::tokenizer
