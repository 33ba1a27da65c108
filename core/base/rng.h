#pragma once

#include <array>
#include <cstdint>

namespace switchyard::base {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// One block of Philox4x32-10: four random words that depend on counter and key only, so any
/// thread can make any part of a stream in any order.
/// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key);

/// A sequential view of one Philox stream, for code that just wants the next number.
/// Copyable value; (seed, stream) identify it, so it can be recreated from a trace.
class Rng {
public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint32_t nextU32();
  std::uint64_t nextU64();
  /// Uniform in [0, 1), 53 random bits.
  double nextDouble();
  /// Uniform in [0, bound), without modulo bias. bound > 0.
  std::uint64_t nextBelow(std::uint64_t bound);
  /// Standard normal (Box-Muller, one value per call).
  double nextNormal();

private:
  PhiloxKey m_key;
  std::uint64_t m_stream;
  std::uint64_t m_block = 0;
  PhiloxCounter m_words{};
  int m_used = 4;
};

} // namespace switchyard::base
