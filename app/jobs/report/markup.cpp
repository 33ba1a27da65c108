#include "app/jobs/report/markup.h"

#include <cstdint>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"

namespace switchyard::jobs::report {

namespace {

/// Length in bytes of the character at `at` of valid UTF-8.
std::size_t lengthAt(std::string_view text, std::size_t at) {
  const auto lead = static_cast<std::uint8_t>(text[at]);
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

std::uint32_t codeAt(std::string_view text, std::size_t at, std::size_t length) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  if (length == 1)
    return byte(0);
  std::uint32_t code = byte(0) & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i)
    code = code << 6 | (byte(i) & 0x3fu);
  return code;
}

/// Characters that change how others are read, or have no picture.
bool isHidden(std::uint32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || code == 0x7f ||
         (code >= 0x80 && code < 0xa0) || code == 0x200e || code == 0x200f || code == 0x61c ||
         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/// `text` with hidden characters made visible and every other one as `one` gives it.
template <typename One> std::string mapped(std::string_view given, One one) {
  const std::string text = analyzers::report::validUtf8(given);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = lengthAt(text, at);
    const std::uint32_t code = codeAt(text, at, length);
    if (isHidden(code))
      out += fmt::format("[U+{:04X}]", code);
    else
      out += one(std::string_view(text).substr(at, length));
    at += length;
  }
  return out;
}

} // namespace

std::string htmlText(std::string_view text) {
  return mapped(text, [](std::string_view c) -> std::string_view {
    switch (c[0]) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return c;
    }
  });
}

std::string scriptText(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = json.substr(i, 3);
    if (json[i] == '<')
      out += "\\u003c";
    else if (rest == "\u2028" || rest == "\u2029") {
      out += rest == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else
      out += json[i];
  }
  return out;
}

std::string plainText(std::string_view text) {
  return mapped(text, [](std::string_view c) { return c; });
}

std::string svgUri(std::string_view svg) {
  std::string out = "data:image/svg+xml;charset=utf-8,";
  for (const char c : svg) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~ /:;=,").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
  }
  return out;
}

std::string markdownText(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_{}[]<>()#+-.!|~&";
  return mapped(text, [&](std::string_view c) -> std::string {
    if (c == "\n" || c == "\t")
      return " ";
    if (c.size() == 1 && kSpecial.find(c[0]) != std::string_view::npos)
      return "\\" + std::string(c);
    return std::string(c);
  });
}

} // namespace switchyard::jobs::report
