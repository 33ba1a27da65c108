#pragma once

#include <cstdint>
#include <span>

#include "analyzers/statistics/permutation.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// Sign-flip test of paired differences: the statistic is the mean of sign * difference, and under
/// the null every sign is as likely as the other.
struct SignFlipOptions {
  /// All 2^n sign vectors when n <= exactUpTo (at most 24), else random ones.
  int exactUpTo = 16;
  std::int64_t flips = 9999; ///< random sign vectors, 1..10,000,000; vector i from Rng(seed, i)
  std::uint64_t seed = 0;
};

struct SignFlipTest {
  double observed = 0.0;
  ExtremeCounts counts;
  ThreePValues p;
  bool exact = false;
};

/// Errors: InvalidArgument (empty, options), NonFinite.
base::Result<SignFlipTest> signFlipTest(std::span<const double> differences,
                                        const SignFlipOptions& options);

/// The same over given sign vectors: rows of +1 and -1, [vectors, n] row-major; p counts the
/// observed one in addition. Errors as above, and InvalidArgument for another sign or shape.
base::Result<SignFlipTest> signFlipTest(std::span<const double> differences,
                                        std::span<const std::int8_t> signs);

} // namespace switchyard::statistics
