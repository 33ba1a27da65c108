#pragma once

#include <cstdint>

namespace switchyard::analyzers {

/// SplitMix64's finaliser (Steele et al. 2014): an even 64-bit hash of a number, the same
/// everywhere.
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

} // namespace switchyard::analyzers
