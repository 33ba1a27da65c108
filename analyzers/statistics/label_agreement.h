#pragma once

#include <cstdint>
#include <span>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Agreement of two labelings of the same items; label values do not matter.
struct LabelAgreement {
  /// Adjusted Rand index (Hubert and Arabie 1985): 1 identical, 0 as by chance, may be negative.
  double adjustedRand = 1.0;
  /// Mutual information over the mean of the two entropies: 0..1.
  double normalisedMutualInformation = 1.0;
  double mutualInformation = 0.0; ///< nats
};

/// Two labelings with a single cluster each (or n = 1) give 1 for both; a single cluster against
/// several gives 0. Errors: InvalidArgument (empty, unequal lengths). O(n log n).
base::Result<LabelAgreement> labelAgreement(std::span<const std::int64_t> a,
                                            std::span<const std::int64_t> b);

} // namespace switchyard::statistics
