#include "core/base/rng.h"

#include <cmath>
#include <numbers>

namespace switchyard::base {

PhiloxCounter philox4x32(PhiloxCounter c, PhiloxKey k) {
  constexpr std::uint64_t kMul0 = 0xD2511F53u;
  constexpr std::uint64_t kMul1 = 0xCD9E8D57u;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = kMul0 * c[0];
    const std::uint64_t p1 = kMul1 * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(p0)};
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  return c;
}

Rng::Rng(std::uint64_t seed, std::uint64_t stream)
    : m_key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      m_stream(stream) {}

std::uint32_t Rng::nextU32() {
  if (m_used == 4) {
    m_words = philox4x32(
        {static_cast<std::uint32_t>(m_block), static_cast<std::uint32_t>(m_block >> 32),
         static_cast<std::uint32_t>(m_stream), static_cast<std::uint32_t>(m_stream >> 32)},
        m_key);
    ++m_block;
    m_used = 0;
  }
  return m_words[static_cast<std::size_t>(m_used++)];
}

std::uint64_t Rng::nextU64() {
  const std::uint64_t high = nextU32();
  return high << 32 | nextU32();
}

double Rng::nextDouble() {
  return static_cast<double>(nextU64() >> 11) * 0x1.0p-53;
}

std::uint64_t Rng::nextBelow(std::uint64_t bound) {
  // Values below `threshold` would make the low residues likelier; draw again.
  const std::uint64_t threshold = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t value = nextU64();
    if (value >= threshold)
      return value % bound;
  }
}

double Rng::nextNormal() {
  const double radius = std::sqrt(-2.0 * std::log1p(-nextDouble()));
  return radius * std::cos(2.0 * std::numbers::pi * nextDouble());
}

} // namespace switchyard::base
