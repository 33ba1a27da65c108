#include "core/tokenizer/normalization_form.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <utf8proc.h>

#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

namespace {

constexpr int kCompose = UTF8PROC_STABLE | UTF8PROC_COMPOSE;

int combiningClass(utf8proc_int32_t c) {
  return utf8proc_get_property(c)->combining_class;
}

/// Sorts each run of marks by combining class. (utf8proc's own loop is quadratic in such a run.)
void orderMarks(std::vector<utf8proc_int32_t>& points) {
  for (std::size_t at = 0; at < points.size();) {
    if (combiningClass(points[at]) == 0) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (end < points.size() && combiningClass(points[end]) != 0)
      ++end;
    std::stable_sort(points.begin() + static_cast<std::ptrdiff_t>(at),
                     points.begin() + static_cast<std::ptrdiff_t>(end),
                     [](auto a, auto b) { return combiningClass(a) < combiningClass(b); });
    at = end;
  }
}

/// `unchanged` must hold for a byte that cannot be part of a character the form changes.
template <typename Unchanged> void normalize(std::string& text, int options, Unchanged unchanged) {
  const auto first = std::ranges::find_if_not(
      text, [&](char c) { return unchanged(static_cast<std::uint8_t>(c)); });
  if (first == text.end())
    return;
  // A mark may join the character before it.
  auto start = static_cast<std::size_t>(first - text.begin());
  if (start > 0)
    start -= codePointBefore(text, start).bytes;
  std::vector<utf8proc_int32_t> points;
  points.reserve((text.size() - start) / 2);
  for (std::size_t at = start; at < text.size();) {
    const CodePoint c = codePointAt(text, at);
    at += c.bytes;
    // The longest decomposition has 18 code points (U+FDFA).
    std::array<utf8proc_int32_t, 32> parts{};
    int boundary = 0;
    const auto count =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c.value), parts.data(),
                                static_cast<utf8proc_ssize_t>(parts.size()),
                                static_cast<utf8proc_option_t>(options), &boundary);
    if (count < 0 || count > static_cast<utf8proc_ssize_t>(parts.size()))
      points.push_back(static_cast<utf8proc_int32_t>(c.value));
    else
      points.insert(points.end(), parts.begin(), parts.begin() + count);
  }
  orderMarks(points);
  const auto length = utf8proc_normalize_utf32(
      points.data(), static_cast<utf8proc_ssize_t>(points.size()),
      static_cast<utf8proc_option_t>(options));
  text.resize(start);
  for (utf8proc_ssize_t i = 0; i < length; ++i)
    appendCodePoint(text, static_cast<char32_t>(points[static_cast<std::size_t>(i)]));
}

} // namespace

void toNfc(std::string& text) {
  // Below U+0300 (first byte CC) everything is in form C and no mark.
  normalize(text, kCompose, [](std::uint8_t byte) { return byte < 0xCC; });
}

void toNfkc(std::string& text) {
  normalize(text, kCompose | UTF8PROC_COMPAT, [](std::uint8_t byte) { return byte < 0x80; });
}

} // namespace switchyard::tokenizer
