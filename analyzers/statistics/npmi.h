#pragma once

#include <cstdint>
#include <optional>

#include "analyzers/statistics/binomial.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// Occurrences of a marker token and of an expert in a set of logged tokens.
struct MarkerCounts {
  std::int64_t tokens = 0; ///< T, all tokens logged (prompt and generated)
  std::int64_t marker = 0; ///< M, occurrences of the marker
  std::int64_t expert = 0; ///< K, tokens with the expert in their top-k (binary membership)
  std::int64_t both = 0;   ///< k, marker occurrences with the expert in their top-k
};

struct MarkerAssociation {
  /// (ln(k/M) + ln(T/K)) / ln(T/k) in [-1, 1]: 0 at independence, -1 for k = 0, 1 for k = T;
  /// nothing when T, M or K is 0 (which comes first).
  std::optional<double> npmi;
  /// P(X >= k): population T, successes K, draws M (Fisher, one-sided); nothing when T is 0.
  std::optional<Probability> atLeast;
  bool supported = false; ///< K >= minExpert and k >= minBoth
};

/// Below this support nPMI is mostly noise.
struct MarkerSupport {
  std::int64_t minExpert = 50;
  std::int64_t minBoth = 5;
};

/// Normalised pointwise mutual information of a marker and an expert. Source: Bouma 2009; used by
/// RICE (arXiv:2505.14681), where M is the number of responses; for markers that repeat within a
/// response M counts occurrences.
/// Errors: InvalidArgument unless 0 <= k <= M, K <= T, and M + K - k <= T.
base::Result<MarkerAssociation> markerAssociation(const MarkerCounts& counts,
                                                  const MarkerSupport& support = {});

} // namespace switchyard::statistics
