#include "core/tokenizer/chat_template/text_parts.h"

#include <algorithm>

#include "core/tokenizer/chat_template/budget.h"
#include "core/tokenizer/chat_template/case_mapping.h"
#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer::chat {

namespace {

bool isLineEnd(char32_t c) {
  return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

} // namespace

std::vector<std::string> splitWords(std::string_view text, std::int64_t most, bool right) {
  std::vector<std::string> parts;
  const auto skipSpace = [&] {
    while (!text.empty()) {
      const CodePoint point = right ? codePointBefore(text, text.size()) : codePointAt(text, 0);
      if (!isSpace(point.value))
        break;
      right ? text.remove_suffix(point.bytes) : text.remove_prefix(point.bytes);
    }
  };
  charge(text.size() / 8);
  for (skipSpace(); !text.empty(); skipSpace()) {
    charge(2);
    std::size_t bytes = 0; // of the word
    while (most != 0 && bytes < text.size()) {
      const CodePoint point =
          right ? codePointBefore(text, text.size() - bytes) : codePointAt(text, bytes);
      if (isSpace(point.value))
        break;
      bytes += point.bytes;
    }
    if (most == 0) // the rest, with the white space at its far end
      bytes = text.size();
    --most;
    parts.emplace_back(right ? text.substr(text.size() - bytes) : text.substr(0, bytes));
    right ? text.remove_suffix(bytes) : text.remove_prefix(bytes);
  }
  if (right)
    std::ranges::reverse(parts);
  return parts;
}

std::vector<std::string> splitText(std::string_view text, std::string_view separator,
                                   std::int64_t most, bool right) {
  std::vector<std::string> parts;
  while (most != 0) {
    const std::size_t at = right ? text.rfind(separator) : text.find(separator);
    if (at == std::string_view::npos)
      break;
    --most;
    charge(2);
    if (right) {
      parts.emplace_back(text.substr(at + separator.size()));
      text = text.substr(0, at);
    } else {
      parts.emplace_back(text.substr(0, at));
      text.remove_prefix(at + separator.size());
    }
  }
  parts.emplace_back(text);
  if (right)
    std::ranges::reverse(parts);
  return parts;
}

std::vector<std::string> splitLines(std::string_view text, bool keepEnds) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = codePointAt(text, at);
    std::size_t next = at + point.bytes;
    if (isLineEnd(point.value)) {
      if (point.value == U'\r' && next < text.size() && text[next] == '\n')
        ++next;
      lines.emplace_back(text.substr(begin, (keepEnds ? next : at) - begin));
      begin = next;
      charge(1);
    }
    at = next;
  }
  if (begin < text.size())
    lines.emplace_back(text.substr(begin));
  return lines;
}

std::string_view characterRange(std::string_view text, std::int64_t from, std::int64_t to) {
  charge(text.size() / 16);
  std::size_t begin = 0;
  std::int64_t count = 0;
  for (; count < from; ++count)
    begin += codePointAt(text, begin).bytes;
  std::size_t end = begin;
  for (; count < to; ++count)
    end += codePointAt(text, end).bytes;
  return text.substr(begin, end - begin);
}

std::string replaced(std::string_view text, std::string_view old, std::string_view with,
                     std::int64_t most) {
  std::string out;
  std::size_t at = 0;
  const auto put = [&] {
    out += with;
    charge(with.size() / 16 + 1);
    if (out.size() > Budget::kTextBytes)
      chargeText(out.size());
    --most;
  };
  if (old.empty()) {
    while (most != 0) {
      put();
      if (at == text.size())
        return out;
      const std::size_t bytes = codePointAt(text, at).bytes;
      out.append(text.substr(at, bytes));
      at += bytes;
    }
    return out.append(text.substr(at));
  }
  while (most != 0) {
    const std::size_t found = text.find(old, at);
    if (found == std::string_view::npos)
      break;
    out.append(text.substr(at, found - at));
    put();
    at = found + old.size();
  }
  out.append(text.substr(at));
  chargeText(out.size());
  return out;
}

bool hasCase(std::string_view text, bool upper) {
  charge(text.size() / 8);
  bool cased = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = codePointAt(text, at);
    if (upper ? isLower(point.value) : isUpper(point.value))
      return false;
    cased = cased || (upper ? isUpper(point.value) : isLower(point.value));
    at += point.bytes;
  }
  return cased;
}

std::string escapeHtml(std::string_view text) {
  chargeText(text.size() * 2);
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '\'':
      out += "&#39;";
      break;
    case '"':
      out += "&#34;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

} // namespace switchyard::tokenizer::chat
