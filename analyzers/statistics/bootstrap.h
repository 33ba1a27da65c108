#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/thread_context.h"

namespace switchyard::statistics {

/// A statistic of a multiset of documents, given by their indices (with repeats). Must be a pure
/// function and safe to call from several threads. NaN means undefined for this resample.
using DocumentStatistic = std::function<double(std::span<const std::uint32_t> documents)>;

struct BootstrapOptions {
  std::int64_t resamples = 2000; ///< 1..kMaxResamples
  std::uint64_t seed = 0;
  double level = 0.95;                          ///< of the intervals, in (0, 1)
  const base::ThreadContext* threads = nullptr; ///< null: this thread only
};

constexpr std::int64_t kMaxResamples = 10'000'000;

/// Nothing where undefined. Percentile: quantiles by linear interpolation at position (B-1)q.
/// BCa (Efron 1987): z0 = normal quantile of the share below the estimate, counting half of the
/// resamples equal to it (as scipy; some textbooks count none), acceleration from
/// leave-one-document-out values. BCa is nothing when the distribution or the leave-one-out values
/// do not vary, or lie wholly on one side of the estimate.
struct Interval {
  std::optional<std::array<double, 2>> percentile;
  std::optional<std::array<double, 2>> bca;
  std::optional<std::array<double, 2>> bcaLevels; ///< the quantiles that BCa read
  std::optional<double> shareBelow;               ///< nothing when the distribution does not vary
  std::optional<double> z0;
  std::optional<double> acceleration;
};

struct Bootstrap {
  double estimate = 0.0;
  std::vector<double> distribution;    ///< of the defined resamples, in resample order
  std::int64_t undefinedResamples = 0; ///< the statistic was NaN (for example a zero denominator)
  double standardError = 0.0;          ///< divides by B - 1; 0 for B = 1
  Interval interval;
};

/// Resamples documents, not tokens: tokens of one document are not independent. Resample b draws
/// `documents` indices from Rng(seed, stream b), so results do not depend on threads and two
/// statistics with one seed see the same resamples (their difference can be paired).
/// Errors: InvalidArgument (no documents, options), NonFinite (the estimate itself is not finite,
/// or a resample is infinite), LimitExceeded (documents beyond 2^32 - 1). O(resamples * (documents
/// + cost of the statistic)); the statistic runs documents + 1 more times.
base::Result<Bootstrap> bootstrap(std::size_t documents, const DocumentStatistic& statistic,
                                  const BootstrapOptions& options);

/// The indices of resample b, the stream of bootstrap(). out: as many as there are documents.
void resampleDocuments(std::uint64_t seed, std::uint64_t resample, std::span<std::uint32_t> out);

/// Intervals from an estimate, its bootstrap distribution (unsorted) and its leave-one-out values
/// (empty: no BCa). level in (0, 1). Errors: InvalidArgument (level, empty), NonFinite.
base::Result<Interval> bootstrapInterval(double estimate, std::span<const double> distribution,
                                         std::span<const double> leaveOneOut, double level);

/// Quantile of ascending values by linear interpolation at position (n-1) q, q clamped to [0, 1].
double quantileOfSorted(std::span<const double> sorted, double q);

/// Mean of one value per document.
DocumentStatistic meanStatistic(std::span<const double> values);

/// Sum of numerators over sum of denominators (for example hits / tokens per document): the pooled
/// rate, in which long documents weigh more. NaN when the denominators sum to 0.
/// Both keep the spans: they must outlive the statistic.
DocumentStatistic ratioStatistic(std::span<const double> numerators,
                                 std::span<const double> denominators);

} // namespace switchyard::statistics
