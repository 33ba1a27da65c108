#include "core/tokenizer/chat_template/case_mapping.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/fault.h"
#include "core/tokenizer/unicode_class.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

utf8proc_category_t categoryOf(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool isBetween(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

/// Characters whose upper case Unicode's SpecialCasing makes several characters of.
bool hasSpecialUpper(char32_t c) {
  return c == 0x149 || c == 0x1f0 || c == 0x390 || c == 0x3b0 || c == 0x587 ||
         isBetween(c, 0x1e96, 0x1e9a) || isBetween(c, 0x1f50, 0x1f57) ||
         isBetween(c, 0x1f80, 0x1fff) || isBetween(c, 0xfb00, 0xfb17);
}

void appendUpper(char32_t c, std::string& out) {
  if (c == 0xdf) { // sharp s
    out += "SS";
    return;
  }
  if (hasSpecialUpper(c))
    raise(FaultKind::Unsupported,
          fmt::format("the upper case of U+{:04X}", static_cast<std::uint32_t>(c)));
  appendCodePoint(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
}

bool isIgnorable(char32_t c) {
  switch (categoryOf(c)) {
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_SK:
    return true;
  default:
    return c == U'\'' || c == U'.' || c == U':' || c == 0xb7 || c == 0x2018 || c == 0x2019;
  }
}

bool isCased(char32_t c) {
  return isUpper(c) || isLower(c) || categoryOf(c) == UTF8PROC_CATEGORY_LT;
}

/// Whether the sigma at [at, at + bytes) ends a word.
bool endsWord(std::string_view text, std::size_t at, std::size_t bytes) {
  bool before = false;
  for (std::size_t end = at; end > 0;) {
    const CodePoint point = codePointBefore(text, end);
    end -= point.bytes;
    charge(1);
    if (isIgnorable(point.value))
      continue;
    before = isCased(point.value);
    break;
  }
  if (!before)
    return false;
  for (std::size_t next = at + bytes; next < text.size();) {
    const CodePoint point = codePointAt(text, next);
    next += point.bytes;
    charge(1);
    if (!isIgnorable(point.value))
      return !isCased(point.value);
  }
  return true;
}

void appendLower(std::string_view text, std::size_t at, const CodePoint& point, std::string& out) {
  if (point.value == 0x130) { // I with a dot above
    out += "i\xcc\x87";
  } else if (point.value == 0x3a3) { // sigma
    appendCodePoint(out, endsWord(text, at, point.bytes) ? 0x3c2 : 0x3c3);
  } else {
    appendCodePoint(
        out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point.value))));
  }
}

void appendTitle(char32_t c, std::string& out) {
  if (c == 0xdf) {
    out += "Ss";
    return;
  }
  if (hasSpecialUpper(c))
    raise(FaultKind::Unsupported,
          fmt::format("the title case of U+{:04X}", static_cast<std::uint32_t>(c)));
  appendCodePoint(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
}

/// append(at, point, out) for each character.
template <typename Append> std::string mapped(std::string_view text, Append&& append) {
  chargeText(text.size() * 2);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = codePointAt(text, at);
    append(at, point, out);
    at += point.bytes;
  }
  return out;
}

bool holds(const std::string* set, char32_t c) {
  if (set == nullptr)
    return isSpace(c);
  for (std::size_t at = 0; at < set->size();) {
    const CodePoint point = codePointAt(*set, at);
    if (point.value == c)
      return true;
    at += point.bytes;
  }
  return false;
}

} // namespace

std::string toUpper(std::string_view text) {
  return mapped(text, [](std::size_t, const CodePoint& point, std::string& out) {
    appendUpper(point.value, out);
  });
}

std::string toLower(std::string_view text) {
  return mapped(text, [&](std::size_t at, const CodePoint& point, std::string& out) {
    appendLower(text, at, point, out);
  });
}

std::string swapCase(std::string_view text) {
  return mapped(text, [&](std::size_t at, const CodePoint& point, std::string& out) {
    if (isUpper(point.value))
      appendLower(text, at, point, out);
    else if (isLower(point.value))
      appendUpper(point.value, out);
    else
      out.append(text.substr(at, point.bytes));
  });
}

std::string capitalized(std::string_view text) {
  return mapped(text, [&](std::size_t at, const CodePoint& point, std::string& out) {
    if (at == 0)
      appendTitle(point.value, out);
    else
      appendLower(text, at, point, out);
  });
}

std::string titled(std::string_view text) {
  bool inside = false;
  return mapped(text, [&](std::size_t at, const CodePoint& point, std::string& out) {
    if (inside)
      appendLower(text, at, point, out);
    else
      appendTitle(point.value, out);
    inside = isCased(point.value);
  });
}

bool isSpace(char32_t c) {
  return isWhiteSpace(c) || isBetween(c, 0x1c, 0x1f);
}

bool isLetter(char32_t c) {
  const auto category = categoryOf(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool isDecimal(char32_t c) {
  return categoryOf(c) == UTF8PROC_CATEGORY_ND;
}

bool isNumber(char32_t c) {
  return isNumeric(c);
}

bool isUpper(char32_t c) {
  return categoryOf(c) == UTF8PROC_CATEGORY_LU || isBetween(c, 0x2160, 0x216f) ||
         isBetween(c, 0x24b6, 0x24cf);
}

bool isLower(char32_t c) {
  return categoryOf(c) == UTF8PROC_CATEGORY_LL || c == 0xaa || c == 0xba ||
         isBetween(c, 0x2170, 0x217f) || isBetween(c, 0x24d0, 0x24e9);
}

bool isDigit(char32_t c) {
  if (isDecimal(c) || c == 0xb2 || c == 0xb3 || c == 0xb9 || c == 0x2070 ||
      isBetween(c, 0x2074, 0x2079) || isBetween(c, 0x2080, 0x2089))
    return true;
  if (categoryOf(c) != UTF8PROC_CATEGORY_NO || isBetween(c, 0xbc, 0xbe) ||
      isBetween(c, 0x2150, 0x215f))
    return false;
  raise(FaultKind::Unsupported,
        fmt::format("isdigit() of U+{:04X}", static_cast<std::uint32_t>(c)));
}

std::string stripped(std::string_view text, const std::string* set, bool start, bool end) {
  charge((text.size() * (set != nullptr ? set->size() + 1 : 1)) / 16 + 1);
  while (start && !text.empty()) {
    const CodePoint point = codePointAt(text, 0);
    if (!holds(set, point.value))
      break;
    text.remove_prefix(point.bytes);
  }
  while (end && !text.empty()) {
    const CodePoint point = codePointBefore(text, text.size());
    if (!holds(set, point.value))
      break;
    text.remove_suffix(point.bytes);
  }
  return std::string(text);
}

} // namespace switchyard::tokenizer::chat
