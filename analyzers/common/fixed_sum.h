#pragma once

#include <cstdint>

namespace switchyard::analyzers {

__extension__ typedef __int128 Int128;

/// A sum of real numbers that does not depend on the order of its terms: every term is rounded once
/// to a multiple of 2^-FractionBits and added as an integer. What merges must equal one pass bit
/// for bit, so floating-point accumulators cannot be used. Range: |term| < 2^(62 - FractionBits)
/// for add(); sums to 2^(126 - FractionBits).
template <int FractionBits> class FixedSum {
public:
  /// `x` must be finite and in range. Rounds to nearest (of values above 2^(52 - FractionBits),
  /// within one unit). Not llrint(), which is a call.
  void add(double x) { m_sum += static_cast<std::int64_t>(x * kScale + (x < 0 ? -0.5 : 0.5)); }
  void add(const FixedSum& other) { m_sum += other.m_sum; }
  /// The sum, rounded once to double.
  double value() const { return static_cast<double>(m_sum) / kScale; }
  bool operator==(const FixedSum&) const = default;

private:
  static constexpr double kScale = static_cast<double>(std::int64_t{1} << FractionBits);
  Int128 m_sum = 0;
};

/// Gate weights and probabilities: exact for every float32 of at least 2^-16; |term| < 4 million.
using WeightSum = FixedSum<40>;
/// Per-sequence statistics of moderate size: |term| < 65536, error below 2e-14 a term.
using StatisticSum = FixedSum<46>;
/// Largest magnitude a stored gate weight may have to be summed.
constexpr double kMaxWeight = 1 << 21;

} // namespace switchyard::analyzers
