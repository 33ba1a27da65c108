#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "analyzers/statistics/p_values.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// What happens to zero differences.
enum class ZeroRule : std::uint8_t {
  Drop,  ///< left out before ranking (Wilcoxon 1945)
  Pratt, ///< ranked, then left out; mean and variance reduced (Pratt 1959)
  Split, ///< ranked, half of their ranks given to each side
};

/// Signed-rank test by the normal approximation.
struct WilcoxonNormal {
  std::int64_t n = 0; ///< differences that were ranked and count in the mean of R+
  double rPlus = 0.0; ///< sum of the ranks of positive differences
  double rMinus = 0.0;
  double z = 0.0;          ///< (R+ - mean) / sd, without correction
  ThreePValues p;          ///< without continuity correction
  ThreePValues pCorrected; ///< R+ - mean moved 1/2 towards the alternative's null first
};

struct WilcoxonExact {
  ThreePValues p;
  double rankBiserial = 0.0; ///< (R+ - R-) / (R+ + R-), the matched-pairs effect size
};

/// Normal approximation over differences d = x - y. Ranks of |d| are averaged over ties; variance
/// (n(n+1)(2n+1) - sum(t^3 - t)/2) / 24 over tie groups t; Pratt also takes off
/// n0(n0+1)(2n0+1) of the n0 zeros, which then are no tie group; Split keeps them as one.
/// Nothing when every difference is 0. Errors: InvalidArgument (empty), NonFinite.
base::Result<std::optional<WilcoxonNormal>> wilcoxonNormal(std::span<const double> differences,
                                                           ZeroRule zeros);

/// Exact test: zeros dropped; the null distribution of R+ over all 2^n sign flips of the ranks as
/// they are, ties included (unlike scipy's exact method, which assumes untied ranks). Two-sided is
/// twice the smaller tail, capped at 1. Nothing when every difference is 0.
/// Errors as above, and LimitExceeded for more than kWilcoxonExactLimit nonzero differences.
/// O(n^3) time, O(n^2) memory.
constexpr std::size_t kWilcoxonExactLimit = 400;
base::Result<std::optional<WilcoxonExact>> wilcoxonExact(std::span<const double> differences);

} // namespace switchyard::statistics
