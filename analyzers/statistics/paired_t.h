#pragma once

#include <array>
#include <optional>
#include <span>

#include "analyzers/statistics/p_values.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// One-sample t test of differences against 0.
struct PairedTTest {
  double mean = 0.0;
  double sd = 0.0; ///< divides by n - 1
  double t = 0.0;
  double degreesOfFreedom = 0.0; ///< n - 1
  ThreePValues p;
  std::array<double, 2> interval{}; ///< of the mean, at `level`
  double cohensDz = 0.0;            ///< mean / sd
};

/// Nothing when all differences are equal (one alone included): t is 0/0 or infinite then.
/// level in (0, 1). Errors: InvalidArgument (empty, level), NonFinite.
base::Result<std::optional<PairedTTest>> pairedT(std::span<const double> differences,
                                                 double level = 0.95);

} // namespace switchyard::statistics
