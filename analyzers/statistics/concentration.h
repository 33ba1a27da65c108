#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/error.h"

namespace switchyard::statistics {

/// How unevenly a layer's assignments spread over its experts. All but total and dead are nothing
/// when every load is 0. Standard deviations divide by E. Source: methods of arXiv:2408.15664
/// (MaxVio) and the usual definitions.
struct Concentration {
  double total = 0.0;
  std::int64_t dead = 0; ///< experts with load 0
  std::optional<double> mean;
  std::optional<double> maxVio; ///< max/mean - 1
  std::optional<double> minOverMean;
  std::optional<double> cv;      ///< population sd / mean
  std::optional<double> gini;    ///< sum (2i - E - 1) x_(i) / (E sum x), i from 1, ascending
  std::optional<double> entropy; ///< nats
  std::optional<double> normalisedEntropy; ///< / ln E; nothing for E = 1
  std::optional<double> effectiveExperts;  ///< exp(entropy)
};

/// loads: [E] assignments (or summed gate weights) per expert, finite and >= 0.
/// Errors: InvalidArgument (empty, negative), NonFinite.
base::Result<Concentration> concentration(std::span<const double> loads);

} // namespace switchyard::statistics
