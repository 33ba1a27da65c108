#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "app/jobs/evaluate/outcome.h"
#include "core/base/error.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::evaluate {

/// One value per item: the mean over its repeats.
struct ItemMeans {
  std::vector<double> score;
  std::vector<double> lengthScore; ///< where every item is multiple-choice; else empty
  std::vector<double> tokens;
  std::vector<double> thinking;   ///< empty where thinking is not told from the answer
  std::vector<double> unfinished; ///< share of repeats that reached a limit of length
};

/// outcomes: of one variant, by item, then repeat; `repeats` of each item. Not empty.
ItemMeans itemMeans(std::span<const Outcome> outcomes, std::int64_t repeats);
/// Item by item the mean of several variants. Not empty.
ItemMeans meanOf(std::span<const ItemMeans> variants);
/// Of some items, by index.
ItemMeans subset(const ItemMeans& means, std::span<const std::size_t> items);

struct TestOptions {
  double level = 0.95;
  std::int64_t resamples = 2000;    ///< of the bootstrap over items
  std::int64_t permutations = 9999; ///< sign flips, where there are too many for all
  std::uint64_t seed = 0;
  const base::ThreadContext* threads = nullptr;
};

struct Estimate {
  double value = 0;
  std::array<double, 2> interval{};
};

/// Mean over items. Interval: Wilson's if every value is 0 or 1, else percentile bootstrap over
/// items. Errors: InvalidArgument for no items; those of bootstrap.
base::Result<Estimate> meanEstimate(std::span<const double> values, const TestOptions& options);

enum class PairedTest : std::uint8_t {
  McNemar,  ///< exact; every score is 0 or 1
  SignFlip, ///< permutation of signs, two-sided
};
std::string_view name(PairedTest test);

/// A variant against the base, on the same items.
struct Comparison {
  Estimate score;  ///< variant - base, mean over items; percentile bootstrap over items
  Estimate tokens; ///< the same of the answer's length
  std::optional<Estimate> thinking;
  std::int64_t better = 0, worse = 0, equal = 0; ///< items by the sign of the score's difference
  PairedTest test = PairedTest::McNemar;
  double p = 1;        ///< two-sided, of no difference in score
  double adjusted = 1; ///< set by adjust()
};

/// Errors: InvalidArgument unless both have the same items, at least one.
base::Result<Comparison> compare(const ItemMeans& base, const ItemMeans& variant,
                                 const TestOptions& options);

/// Benjamini-Hochberg over the comparisons.
base::Result<void> adjust(std::vector<Comparison>& comparisons);

} // namespace switchyard::jobs::evaluate
