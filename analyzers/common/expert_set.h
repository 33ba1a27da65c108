#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace switchyard::analyzers {

/// Sets of experts as words of 64 bits: expert e is bit e % 64 of word e / 64.
constexpr std::size_t setWords(std::size_t experts) {
  return (experts + 63) / 64;
}

inline bool inSet(std::span<const std::uint64_t> set, std::size_t expert) {
  return (set[expert / 64] >> (expert % 64) & 1) != 0;
}

inline void insert(std::span<std::uint64_t> set, std::size_t expert) {
  set[expert / 64] |= std::uint64_t{1} << (expert % 64);
}

/// Set bits of a word. Inline, for std::popcount is a call where the compiler may not assume
/// popcnt.
constexpr int bitsIn(std::uint64_t x) {
  x -= x >> 1 & 0x5555555555555555ull;
  x = (x & 0x3333333333333333ull) + (x >> 2 & 0x3333333333333333ull);
  x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Full;
  return static_cast<int>(x * 0x0101010101010101ull >> 56);
}

} // namespace switchyard::analyzers
