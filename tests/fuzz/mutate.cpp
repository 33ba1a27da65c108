#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace switchyard::tests {

namespace {

constexpr std::array<std::string_view, 14> kNumbers = {"0",
                                                       "-1",
                                                       "1",
                                                       "1.5",
                                                       "1e400",
                                                       "255",
                                                       "65536",
                                                       "2147483647",
                                                       "2147483648",
                                                       "4294967296",
                                                       "9007199254740993",
                                                       "9223372036854775807",
                                                       "18446744073709551615",
                                                       "1000000000"};

constexpr std::array<std::string_view, 12> kTokens = {
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "\\u0000", "\\ud800", "[[[[[[[["};

std::size_t below(base::Rng& rng, std::size_t bound) {
  return bound == 0 ? 0 : static_cast<std::size_t>(rng.nextBelow(bound));
}

template <typename List> std::string_view pick(const List& list, base::Rng& rng) {
  return list[below(rng, list.size())];
}

/// A random range [first, second) of at most `longest` bytes.
std::pair<std::size_t, std::size_t> rangeOf(std::string_view text, base::Rng& rng,
                                            std::size_t longest) {
  const std::size_t begin = below(rng, text.size() + 1);
  return {begin, begin + below(rng, std::min(text.size() - begin, longest) + 1)};
}

/// The first run of bytes from `from` on for which `inside` holds; empty at the end if there is
/// none.
template <typename Inside>
std::pair<std::size_t, std::size_t> runFrom(std::string_view text, std::size_t from,
                                            Inside inside) {
  std::size_t begin = from;
  while (begin < text.size() && !inside(text[begin]))
    ++begin;
  std::size_t end = begin;
  while (end < text.size() && inside(text[end]))
    ++end;
  return {begin, end};
}

std::pair<std::size_t, std::size_t> numberIn(std::string_view text, base::Rng& rng) {
  return runFrom(text, below(rng, text.size() + 1), [](char c) { return c >= '0' && c <= '9'; });
}

/// What stands between two quotes.
std::pair<std::size_t, std::size_t> quotedIn(std::string_view text, base::Rng& rng) {
  const std::size_t quote = std::min(text.find('"', below(rng, text.size() + 1)), text.size());
  return runFrom(text, std::min(quote + 1, text.size()), [](char c) { return c != '"'; });
}

void replace(std::string& text, std::pair<std::size_t, std::size_t> range, std::string_view by) {
  text.replace(range.first, range.second - range.first, by);
}

void change(std::string& text, std::string_view other, base::Rng& rng) {
  constexpr std::size_t kLongest = 64;
  switch (below(rng, 8)) {
  case 0:
    if (!text.empty())
      text[below(rng, text.size())] ^= static_cast<char>(1u << below(rng, 8));
    break;
  case 1:
    if (!text.empty())
      text[below(rng, text.size())] = static_cast<char>(rng.nextU32());
    break;
  case 2:
    replace(text, rangeOf(text, rng, kLongest), "");
    break;
  case 3: {
    const auto [begin, end] = rangeOf(text, rng, kLongest);
    const std::string copy = text.substr(begin, end - begin);
    text.insert(below(rng, text.size() + 1), copy);
    break;
  }
  case 4: {
    const auto [begin, end] = rangeOf(other, rng, 4 * kLongest);
    text.insert(below(rng, text.size() + 1), other.substr(begin, end - begin));
    break;
  }
  case 5:
    replace(text, numberIn(text, rng), pick(kNumbers, rng));
    break;
  case 6: {
    const auto [begin, end] = quotedIn(other, rng);
    replace(text, quotedIn(text, rng), other.substr(begin, end - begin));
    break;
  }
  default:
    text.insert(below(rng, text.size() + 1), pick(kTokens, rng));
  }
}

} // namespace

std::string mutate(std::span<const std::string> seeds, base::Rng& rng, std::size_t maxBytes) {
  if (seeds.empty())
    return {};
  std::string text = seeds[below(rng, seeds.size())];
  const std::size_t changes = 1 + below(rng, 8);
  for (std::size_t i = 0; i < changes; ++i)
    change(text, seeds[below(rng, seeds.size())], rng);
  text.resize(std::min(text.size(), maxBytes));
  return text;
}

} // namespace switchyard::tests
