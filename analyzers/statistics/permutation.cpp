#include "analyzers/statistics/permutation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/contingency.h"
#include "analyzers/statistics/mutual_information.h"
#include "core/base/rng.h"

namespace switchyard::statistics {

namespace {

constexpr std::int64_t kMaxPermutations = 10'000'000;

/// Item indices of each stratum, strata in ascending order.
using Blocks = std::vector<std::vector<std::size_t>>;

Blocks blocksOf(std::size_t items, std::span<const std::int64_t> strata) {
  if (strata.empty()) {
    Blocks blocks(1, std::vector<std::size_t>(items));
    std::iota(blocks[0].begin(), blocks[0].end(), std::size_t{0});
    return blocks;
  }
  std::size_t count = 0;
  const std::vector<std::size_t> dense = denseLabels(strata, count);
  Blocks blocks(count);
  for (std::size_t i = 0; i < items; ++i)
    blocks[dense[i]].push_back(i);
  return blocks;
}

std::vector<std::size_t> shuffleBlocks(const Blocks& blocks, std::size_t items, base::Rng rng) {
  std::vector<std::size_t> permutation(items);
  for (const std::vector<std::size_t>& block : blocks) {
    std::vector<std::size_t> shuffled = block;
    for (std::size_t i = shuffled.size(); i > 1; --i)
      std::swap(shuffled[i - 1], shuffled[rng.nextBelow(i)]);
    for (std::size_t i = 0; i < block.size(); ++i)
      permutation[block[i]] = shuffled[i];
  }
  return permutation;
}

base::Result<void> finiteStatistic(double value) {
  if (!std::isfinite(value))
    return base::fail(base::ErrorCode::NonFinite,
                      "permutation test: the statistic is undefined for some arrangement of the "
                      "labels");
  return {};
}

} // namespace

void ExtremeCounts::add(double null, double observed) {
  const double slack = 1e-12 * std::max(1.0, std::fabs(observed));
  greaterEqual += null >= observed - slack ? 1 : 0;
  lessEqual += null <= observed + slack ? 1 : 0;
  absolute += std::fabs(null) >= std::fabs(observed) - slack ? 1 : 0;
  ++total;
}

ThreePValues ExtremeCounts::sampled() const {
  const auto share = [this](std::int64_t count) {
    return (1.0 + static_cast<double>(count)) / (1.0 + static_cast<double>(total));
  };
  return {share(absolute), share(greaterEqual), share(lessEqual)};
}

ThreePValues ExtremeCounts::exact() const {
  const auto share = [this](std::int64_t count) {
    return static_cast<double>(count) / static_cast<double>(total);
  };
  return {share(absolute), share(greaterEqual), share(lessEqual)};
}

std::vector<std::size_t> permuteWithinStrata(std::size_t items,
                                             std::span<const std::int64_t> strata,
                                             std::uint64_t seed, std::uint64_t stream) {
  return shuffleBlocks(blocksOf(items, strata), items, base::Rng(seed, stream));
}

base::Result<PermutationTest> permutationTest(std::span<const std::int64_t> labels,
                                              const LabelStatistic& statistic,
                                              const PermutationOptions& options) {
  if (labels.empty() || options.permutations < 1 || options.permutations > kMaxPermutations)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("permutation test: {} items and {} permutations; need at least "
                                  "one of each and at most {} permutations",
                                  labels.size(), options.permutations, kMaxPermutations));
  if (!options.strata.empty())
    SY_TRY(requireSameSize(labels.size(), options.strata.size(), "permutation test, strata"));

  PermutationTest test;
  test.observed = statistic(labels);
  SY_TRY(finiteStatistic(test.observed));
  test.null.resize(static_cast<std::size_t>(options.permutations));
  const Blocks blocks = blocksOf(labels.size(), options.strata);
  const auto draw = [&](std::int64_t i) {
    const std::vector<std::size_t> permutation = shuffleBlocks(
        blocks, labels.size(), base::Rng(options.seed, static_cast<std::uint64_t>(i)));
    std::vector<std::int64_t> shuffled(labels.size());
    for (std::size_t item = 0; item < labels.size(); ++item)
      shuffled[item] = labels[permutation[item]];
    test.null[static_cast<std::size_t>(i)] = statistic(shuffled);
  };
  if (options.threads)
    options.threads->parallelFor(options.permutations, draw);
  else
    for (std::int64_t i = 0; i < options.permutations; ++i)
      draw(i);
  for (const double value : test.null) {
    SY_TRY(finiteStatistic(value));
    test.counts.add(value, test.observed);
  }
  test.p = test.counts.sampled();
  return test;
}

base::Result<PermutationTest> exactPermutationTest(std::span<const std::int64_t> labels,
                                                   const LabelStatistic& statistic,
                                                   std::int64_t limit) {
  if (labels.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "permutation test: there are no items");
  PermutationTest test;
  test.observed = statistic(labels);
  SY_TRY(finiteStatistic(test.observed));
  std::vector<std::int64_t> arrangement(labels.begin(), labels.end());
  std::sort(arrangement.begin(), arrangement.end());
  do {
    if (test.counts.total == limit)
      return base::fail(base::ErrorCode::LimitExceeded,
                        fmt::format("permutation test: more than {} arrangements; sample them "
                                    "instead",
                                    limit));
    const double value = statistic(arrangement);
    SY_TRY(finiteStatistic(value));
    test.counts.add(value, test.observed);
  } while (std::next_permutation(arrangement.begin(), arrangement.end()));
  test.p = test.counts.exact();
  return test;
}

LabelStatistic meanDifferenceStatistic(std::span<const double> values) {
  return [values](std::span<const std::int64_t> labels) {
    double sums[2] = {0.0, 0.0};
    double counts[2] = {0.0, 0.0};
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] != 0 && labels[i] != 1)
        continue;
      sums[labels[i]] += values[i];
      counts[labels[i]] += 1.0;
    }
    if (counts[0] == 0.0 || counts[1] == 0.0)
      return std::numeric_limits<double>::quiet_NaN();
    return sums[1] / counts[1] - sums[0] / counts[0];
  };
}

LabelStatistic mutualInformationStatistic(std::span<const std::int64_t> column) {
  return [column](std::span<const std::int64_t> labels) {
    return mutualInformation(labels, column).value_or(std::numeric_limits<double>::quiet_NaN());
  };
}

} // namespace switchyard::statistics
