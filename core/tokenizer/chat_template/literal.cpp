#include "core/tokenizer/chat_template/literal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/tokenizer/chat_template/case_mapping.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

int digitOf(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}

/// Bytes of digits of a base with single underscores between them, from `at`.
std::size_t digitsAt(std::string_view text, std::size_t at, int base) {
  std::size_t end = at;
  while (end < text.size()) {
    const bool underscore =
        text[end] == '_' && end > at && end + 1 < text.size() && digitOf(text[end + 1]) < base;
    if (!underscore && digitOf(text[end]) >= base)
      break;
    ++end;
  }
  return end - at;
}

Integer wholeValue(std::string_view digits, int base) {
  Integer value = 0;
  for (const char c : digits) {
    if (c == '_')
      continue;
    if (__builtin_mul_overflow(value, Integer{base}, &value) ||
        __builtin_add_overflow(value, Integer{digitOf(c)}, &value))
      raise(FaultKind::Limit, "a whole number is beyond 127 bits");
  }
  return value;
}

std::string withoutUnderscores(std::string_view text) {
  std::string out(text);
  std::erase(out, '_');
  return out;
}

/// A decimal number's value; huge ones are infinite, tiny ones zero.
double decimalValue(const std::string& text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc::result_out_of_range)
    return value;
  const std::size_t e = text.find_first_of("eE");
  const bool tiny =
      (e != std::string::npos && text.find('-', e) != std::string::npos) || text.starts_with("0.");
  const double magnitude = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  return text.starts_with('-') ? -magnitude : magnitude;
}

} // namespace

NumberLiteral readNumber(std::string_view text, bool behindDot, int line) {
  if (text[0] == '0' && text.size() > 2) {
    const char mark = static_cast<char>(text[1] | 0x20);
    const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    const std::size_t begin = text[2] == '_' ? 3 : 2;
    if (base != 0)
      if (const std::size_t count = digitsAt(text, begin, base); count > 0)
        return {Value(wholeValue(text.substr(begin, count), base)), begin + count};
  }
  const std::size_t whole = digitsAt(text, 0, 10);
  std::size_t end = whole;
  if (!behindDot) {
    if (end + 1 < text.size() && text[end] == '.')
      if (const std::size_t count = digitsAt(text, end + 1, 10); count > 0)
        end += 1 + count;
    if (end + 1 < text.size() && (text[end] | 0x20) == 'e') {
      const std::size_t sign = text[end + 1] == '+' || text[end + 1] == '-' ? 1 : 0;
      if (const std::size_t count = digitsAt(text, end + 1 + sign, 10); count > 0)
        end += 1 + sign + count;
    }
  }
  if (end > 4096)
    raise(FaultKind::Limit, "a number has too many digits", line);
  if (end > whole)
    return {Value(decimalValue(withoutUnderscores(text.substr(0, end)))), end};
  const std::string_view digits = text.substr(0, whole);
  if (digits[0] == '0' && digits.find_first_not_of("0_") != std::string_view::npos)
    return {Value(0), 1}; // "012" is 0 and then 12, which the parser refuses
  return {Value(wholeValue(digits, 10)), whole};
}

std::size_t stringLength(std::string_view text, std::size_t at) {
  for (std::size_t end = at + 1; end < text.size(); ++end) {
    if (text[end] == '\\')
      ++end;
    else if (text[end] == text[at])
      return end + 1 - at;
  }
  return 0;
}

std::string stringValue(std::string_view text, int line) {
  std::string out;
  const auto code = [&](std::size_t at, std::size_t most, int base, bool exact) {
    std::size_t count = 0;
    while (count < most && at + count < text.size() && digitOf(text[at + count]) < base)
      ++count;
    if (exact && count < most)
      raise(FaultKind::Syntax, "an escape in a string is cut short", line);
    const auto value = static_cast<std::uint32_t>(wholeValue(text.substr(at, count), base));
    if (value > 0x10ffff)
      raise(FaultKind::Syntax, "an escape in a string is no character", line);
    if (value >= 0xd800 && value <= 0xdfff)
      raise(FaultKind::Unsupported, "half of a surrogate pair in a string", line);
    appendCodePoint(out, value);
    return count;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    const char c = text[++at];
    switch (c) {
    case '\n':
      break;
    case '\\':
    case '\'':
    case '"':
      out += c;
      break;
    case 'a':
      out += '\a';
      break;
    case 'b':
      out += '\b';
      break;
    case 'f':
      out += '\f';
      break;
    case 'n':
      out += '\n';
      break;
    case 'r':
      out += '\r';
      break;
    case 't':
      out += '\t';
      break;
    case 'v':
      out += '\v';
      break;
    case 'x':
      at += code(at + 1, 2, 16, true);
      break;
    case 'u':
      at += code(at + 1, 4, 16, true);
      break;
    case 'U':
      at += code(at + 1, 8, 16, true);
      break;
    case 'N':
      raise(FaultKind::Unsupported, "a character by its name in a string", line);
    default:
      if (c >= '0' && c <= '7')
        at += code(at, 3, 8, false) - 1;
      else
        out.append({'\\', c});
    }
  }
  return out;
}

std::optional<Integer> parseInteger(std::string_view text, int base) {
  const std::string trimmed = stripped(text, nullptr);
  std::string_view digits = trimmed;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+'))
    digits.remove_prefix(1);
  const char mark = digits.size() > 2 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20) : 0;
  const int marked = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
  if (marked != 0 && (base == marked || base == 0)) {
    digits.remove_prefix(digits[2] == '_' ? 3 : 2);
    base = marked;
  }
  if (base == 0)
    base = 10;
  if (digits.empty() || digitsAt(digits, 0, base) != digits.size())
    return std::nullopt;
  const Integer value = wholeValue(digits, base);
  return negative ? -value : value;
}

std::optional<double> parseFloat(std::string_view text) {
  std::string number = toLower(stripped(text, nullptr));
  if (number.starts_with('+') && !number.starts_with("+-"))
    number.erase(0, 1);
  const std::string_view magnitude =
      std::string_view(number).substr(number.starts_with('-') ? 1 : 0);
  if (magnitude == "inf" || magnitude == "infinity" || magnitude == "nan") {
    const double value = magnitude == "nan" ? std::numeric_limits<double>::quiet_NaN()
                                            : std::numeric_limits<double>::infinity();
    return number.starts_with('-') ? -value : value;
  }
  if (magnitude.empty() || magnitude.find_first_not_of("0123456789.e+-_") != std::string_view::npos)
    return std::nullopt;
  const std::string plain = withoutUnderscores(number);
  double value = 0;
  const auto read = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (read.ptr != plain.data() + plain.size() || read.ec == std::errc::invalid_argument)
    return std::nullopt;
  return decimalValue(plain);
}

} // namespace switchyard::tokenizer::chat
