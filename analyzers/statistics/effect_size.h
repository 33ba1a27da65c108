#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "analyzers/statistics/fisher.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// Difference of two independent groups in units of their spread and as a probability.
struct GroupEffect {
  double meanDifference = 0.0; ///< mean of first - mean of second
  /// Cohen's d: the difference over the pooled sd (n - 1 weights). Nothing when the pooled sd is 0
  /// or both groups have one value.
  std::optional<double> cohensD;
  /// d (1 - 3/(4 df - 1)), df = n1 + n2 - 2: Hedges' small-sample correction. Nothing with d, and
  /// for df = 1, where the correction has no meaning.
  std::optional<double> hedgesG;
  /// Cliff's delta, P(x > y) - P(x < y) over all pairs; ties count as neither. -1..1.
  double cliffsDelta = 0.0;
};

/// Errors: InvalidArgument (an empty group), NonFinite. O(n log n).
base::Result<GroupEffect> groupEffect(std::span<const double> first,
                                      std::span<const double> second);

/// Cramer's V of a table of counts [rows, columns], row-major; empty rows and columns are left out.
/// 0..1; nothing when fewer than two rows or columns are left. Biased upward in small samples.
/// Errors: InvalidArgument (shape, negative), NonFinite.
base::Result<std::optional<double>> cramersV(std::span<const double> counts, std::size_t rows,
                                             std::size_t columns);

/// Cohen's h: 2 asin(sqrt(p1)) - 2 asin(sqrt(p2)) of two proportions in [0, 1].
double cohensH(double p1, double p2);

/// Log odds ratio with 1/2 added to every cell (Haldane and Anscombe), finite for any table, and
/// its standard error.
struct LogOdds {
  double value = 0.0;
  double standardError = 0.0;
};
LogOdds logOddsRatio(const Table2x2& table);

} // namespace switchyard::statistics
