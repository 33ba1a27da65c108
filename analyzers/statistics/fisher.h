#pragma once

#include <cstdint>
#include <optional>

#include "analyzers/statistics/binomial.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// Counts of a 2x2 table [[a, b], [c, d]], all >= 0.
struct Table2x2 {
  std::int64_t a = 0, b = 0, c = 0, d = 0;
};

/// Fisher's exact test: a given all margins is hypergeometric.
struct FisherTest {
  Probability greater;  ///< P(X >= a)
  Probability less;     ///< P(X <= a)
  Probability twoSided; ///< sum of P(x) over every x that is no likelier than a, ties included
  /// Sample odds ratio ad/(bc); +inf when only bc is 0, nothing when a margin is 0 (p is 1 then).
  /// Not R's conditional maximum-likelihood estimate.
  std::optional<double> oddsRatio;
};

/// Errors: InvalidArgument for a negative count or a total beyond Hypergeometric::kMaxPopulation.
/// x counts as tied with a when its probability is within 1e-8 relative.
base::Result<FisherTest> fisherExact(const Table2x2& table);

} // namespace switchyard::statistics
