#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "analyzers/statistics/p_values.h"
#include "core/base/error.h"
#include "core/base/thread_context.h"

namespace switchyard::statistics {

/// A statistic of a labeling of fixed items. Must be a pure function and safe to call from several
/// threads; finite for every arrangement of the labels.
using LabelStatistic = std::function<double(std::span<const std::int64_t> labels)>;

/// How many null statistics are at least as extreme as the observed one. Values within
/// 1e-12 * max(1, |observed|) of it count as equal, so that rounding does not decide ties.
struct ExtremeCounts {
  std::int64_t greaterEqual = 0, lessEqual = 0, absolute = 0, total = 0;

  void add(double null, double observed);
  /// (1 + count) / (1 + total): a random sample of arrangements, never 0 (Phipson and Smyth 2010).
  ThreePValues sampled() const;
  /// count / total: every arrangement was met, the observed one included.
  ThreePValues exact() const;
};

struct PermutationOptions {
  std::int64_t permutations = 9999; ///< 1..10,000,000
  std::uint64_t seed = 0;
  /// One stratum per item, or empty. Labels are shuffled inside strata only, so an association that
  /// is merely the stratum's (position, phase, document) does not count; see strata.h.
  std::span<const std::int64_t> strata{};
  const base::ThreadContext* threads = nullptr; ///< null: this thread only
};

struct PermutationTest {
  double observed = 0.0;
  std::vector<double> null; ///< in permutation order
  ExtremeCounts counts;
  ThreePValues p;
};

/// Shuffles labels over items. Permutation i uses Rng(seed, stream i): results do not depend on
/// threads, and tests with one seed and size share their permutations.
/// Errors: InvalidArgument (no items, lengths, options), NonFinite (the statistic).
base::Result<PermutationTest> permutationTest(std::span<const std::int64_t> labels,
                                              const LabelStatistic& statistic,
                                              const PermutationOptions& options);

/// All distinct arrangements of the labels, at most `limit` (else LimitExceeded). `null` stays
/// empty.
base::Result<PermutationTest> exactPermutationTest(std::span<const std::int64_t> labels,
                                                   const LabelStatistic& statistic,
                                                   std::int64_t limit = 1'000'000);

/// A shuffle of 0..n-1 that keeps every item inside its stratum (empty: one stratum).
/// Fisher-Yates with Rng(seed, stream), strata in ascending order, items by index.
std::vector<std::size_t> permuteWithinStrata(std::size_t items,
                                             std::span<const std::int64_t> strata,
                                             std::uint64_t seed, std::uint64_t stream);

/// Mean of the values with label 1 minus mean of those with label 0; other labels are left out;
/// NaN when a group is empty. Keeps the span.
LabelStatistic meanDifferenceStatistic(std::span<const double> values);

/// Mutual information (nats) of the labels and a fixed second column. Keeps the span.
LabelStatistic mutualInformationStatistic(std::span<const std::int64_t> column);

} // namespace switchyard::statistics
