#include "core/tokenizer/normalization_form.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <utf8proc.h>

#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

namespace {

using Point = utf8proc_int32_t;

constexpr int kCompose = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
// The longest decomposition has 18 code points (U+FDFA).
constexpr std::size_t kMaxParts = 32;
constexpr std::uint16_t kNone = 0xFFFF;
constexpr std::uint16_t kSecondOfPair = 0x8000;

int combiningClass(Point c) {
  return utf8proc_get_property(c)->combining_class;
}

void appendDecomposed(std::vector<Point>& points, Point c, int options) {
  std::array<Point, kMaxParts> parts{};
  int boundary = 0;
  const auto count =
      utf8proc_decompose_char(c, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
                              static_cast<utf8proc_option_t>(options), &boundary);
  if (count < 0 || count > static_cast<utf8proc_ssize_t>(parts.size()))
    points.push_back(c);
  else
    points.insert(points.end(), parts.begin(), parts.begin() + count);
}

/// Sorts each run of marks by combining class. (utf8proc's own loop is quadratic in such a run.)
void orderMarks(std::vector<Point>& points) {
  const auto isMark = [](Point c) { return combiningClass(c) != 0; };
  for (auto at = points.begin(); at != points.end();) {
    const auto begin = std::find_if(at, points.end(), isMark);
    at = std::find_if_not(begin, points.end(), isMark);
    std::stable_sort(begin, at,
                     [](Point a, Point b) { return combiningClass(a) < combiningClass(b); });
  }
}

void compose(std::vector<Point>& points, int options) {
  const auto length =
      utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()),
                               static_cast<utf8proc_option_t>(options));
  points.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 0)));
}

/// Can this character change, or change the one before it? A character that cannot is a border:
/// what is behind it does not matter to what is before it.
bool mayChange(Point c, int options) {
  const utf8proc_property_t& property = *utf8proc_get_property(c);
  if (property.combining_class != 0)
    return true;
  if (property.comb_index != kNone && property.comb_index >= kSecondOfPair)
    return true;
  if (c >= 0x1161 && c <= 0x11FF) // Hangul vowels and final consonants join by arithmetic
    return true;
  if (property.decomp_seqindex == kNone)
    return false;
  std::vector<Point> points;
  appendDecomposed(points, c, options);
  compose(points, options);
  return points.size() != 1 || points.front() != c;
}

/// unchangedBelow: no character below it may change.
void normalize(std::string& text, int options, char32_t unchangedBelow) {
  std::string out;
  std::size_t copied = 0;   // text before is in `out`
  std::size_t previous = 0; // where the character before `at` starts
  std::vector<Point> points;
  for (std::size_t at = 0; at < text.size();) {
    CodePoint c = codePointAt(text, at);
    if (c.value < unchangedBelow || !mayChange(static_cast<Point>(c.value), options)) {
      previous = at;
      at += c.bytes;
      continue;
    }
    // From the border before to the next one.
    points.clear();
    const std::size_t begin = previous;
    std::size_t end = at + c.bytes;
    while (end < text.size()) {
      c = codePointAt(text, end);
      if (c.value < unchangedBelow || !mayChange(static_cast<Point>(c.value), options))
        break;
      end += c.bytes;
    }
    for (at = begin; at < end; at += c.bytes) {
      c = codePointAt(text, at);
      appendDecomposed(points, static_cast<Point>(c.value), options);
    }
    orderMarks(points);
    compose(points, options);
    out.append(text, copied, begin - copied);
    for (const Point point : points)
      appendCodePoint(out, static_cast<char32_t>(point));
    copied = end;
    previous = end;
  }
  if (copied == 0)
    return;
  out.append(text, copied);
  text = std::move(out);
}

} // namespace

void toNfc(std::string& text) {
  normalize(text, kCompose, 0x300);
}
void toNfkc(std::string& text) {
  normalize(text, kCompose | UTF8PROC_COMPAT, 0x80);
}

} // namespace switchyard::tokenizer
