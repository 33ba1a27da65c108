#include <charconv>
#include <string>

#include "app/jobs/evaluate/scorers.h"

namespace switchyard::jobs::evaluate {

namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

std::size_t skipDigits(std::string_view text, std::size_t at) {
  while (at < text.size() && isDigit(text[at]))
    ++at;
  return at;
}

/// Whether ",ddd" stands at `at` and no digit follows.
bool isGroup(std::string_view text, std::size_t at) {
  return at + 3 < text.size() && text[at] == ',' && skipDigits(text, at + 1) == at + 4;
}

/// The number that starts with the digit (or ".5") at `at`; `end` is set behind it.
double readNumber(std::string_view text, std::size_t at, std::size_t& end) {
  std::string digits;
  std::size_t stop = skipDigits(text, at);
  digits = text.substr(at, stop - at);
  if (stop - at >= 1 && stop - at <= 3) {
    while (isGroup(text, stop)) {
      digits += text.substr(stop + 1, 3);
      stop += 4;
    }
  }
  if (stop + 1 < text.size() && text[stop] == '.' && isDigit(text[stop + 1])) {
    const std::size_t fraction = skipDigits(text, stop + 1);
    digits += text.substr(stop, fraction - stop);
    stop = fraction;
  }
  if (stop < text.size() && (text[stop] == 'e' || text[stop] == 'E')) {
    std::size_t exponent = stop + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-'))
      ++exponent;
    const std::size_t behind = skipDigits(text, exponent);
    if (behind > exponent) {
      digits += text.substr(stop, behind - stop);
      stop = behind;
    }
  }
  end = stop;
  double value = 0;
  // Out of range leaves 0 or the limit behind, which is as good a wrong answer as any.
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

} // namespace

std::optional<double> lastNumber(std::string_view text) {
  std::optional<double> last;
  for (std::size_t at = 0; at < text.size();) {
    const bool fraction = text[at] == '.' && at + 1 < text.size() && isDigit(text[at + 1]);
    if (!isDigit(text[at]) && !fraction) {
      ++at;
      continue;
    }
    const bool hasSign = at > 0 && text[at - 1] == '-';
    const char before = at > 1 ? text[at - 2] : ' ';
    const bool negative =
        hasSign && !isDigit(before) && !isLetter(before) && before != ')' && before != ']';
    std::size_t end = at;
    const double value = readNumber(text, at, end);
    last = negative ? -value : value;
    at = end;
  }
  return last;
}

} // namespace switchyard::jobs::evaluate
