#include "analyzers/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/moments.h"
#include "core/base/rng.h"

namespace switchyard::statistics {

namespace {

base::Result<void> checkOptions(std::size_t documents, const BootstrapOptions& options) {
  if (documents == 0 || options.resamples < 1 || options.resamples > kMaxResamples)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("bootstrap: {} documents and {} resamples; need at least one of "
                                  "each and at most {} resamples",
                                  documents, options.resamples, kMaxResamples));
  if (documents > std::numeric_limits<std::uint32_t>::max())
    return base::fail(base::ErrorCode::LimitExceeded,
                      fmt::format("bootstrap: {} documents are too many", documents));
  return {};
}

/// Calls body(i) for i in [0, count), on the given threads or on this one.
template <typename Body>
void forEach(const base::ThreadContext* threads, std::int64_t count, const Body& body) {
  if (threads) {
    threads->parallelFor(count, body);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i)
    body(i);
}

std::vector<double> resampledValues(std::size_t documents, const DocumentStatistic& statistic,
                                    const BootstrapOptions& options) {
  std::vector<double> values(static_cast<std::size_t>(options.resamples));
  forEach(options.threads, options.resamples, [&](std::int64_t b) {
    std::vector<std::uint32_t> indices(documents);
    resampleDocuments(options.seed, static_cast<std::uint64_t>(b), indices);
    values[static_cast<std::size_t>(b)] = statistic(indices);
  });
  return values;
}

/// Empty when some value is undefined: then there is no acceleration.
std::vector<double> leaveOneOutValues(std::size_t documents, const DocumentStatistic& statistic,
                                      const BootstrapOptions& options) {
  if (documents < 2)
    return {};
  std::vector<double> values(documents);
  forEach(options.threads, static_cast<std::int64_t>(documents), [&](std::int64_t left) {
    std::vector<std::uint32_t> indices(documents - 1);
    std::iota(indices.begin(), indices.begin() + left, std::uint32_t{0});
    std::iota(indices.begin() + left, indices.end(), static_cast<std::uint32_t>(left) + 1);
    values[static_cast<std::size_t>(left)] = statistic(indices);
  });
  const bool defined =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  return defined ? values : std::vector<double>{};
}

} // namespace

void resampleDocuments(std::uint64_t seed, std::uint64_t resample, std::span<std::uint32_t> out) {
  base::Rng rng(seed, resample);
  for (std::uint32_t& index : out)
    index = static_cast<std::uint32_t>(rng.nextBelow(out.size()));
}

base::Result<Bootstrap> bootstrap(std::size_t documents, const DocumentStatistic& statistic,
                                  const BootstrapOptions& options) {
  SY_TRY(checkOptions(documents, options));
  Bootstrap result;
  std::vector<std::uint32_t> all(documents);
  std::iota(all.begin(), all.end(), std::uint32_t{0});
  result.estimate = statistic(all);
  result.distribution = resampledValues(documents, statistic, options);
  result.undefinedResamples = static_cast<std::int64_t>(
      std::erase_if(result.distribution, [](double value) { return std::isnan(value); }));
  if (result.distribution.empty() || !std::isfinite(result.estimate))
    return base::fail(base::ErrorCode::NonFinite,
                      "bootstrap: the statistic is undefined for these documents");
  result.interval =
      SY_TRY(bootstrapInterval(result.estimate, result.distribution,
                               leaveOneOutValues(documents, statistic, options), options.level));
  result.standardError = std::sqrt(sampleVariance(result.distribution).value_or(0.0));
  return result;
}

DocumentStatistic meanStatistic(std::span<const double> values) {
  return [values](std::span<const std::uint32_t> documents) {
    double sum = 0.0;
    for (const std::uint32_t document : documents)
      sum += values[document];
    return sum / static_cast<double>(documents.size());
  };
}

DocumentStatistic ratioStatistic(std::span<const double> numerators,
                                 std::span<const double> denominators) {
  return [numerators, denominators](std::span<const std::uint32_t> documents) {
    double top = 0.0;
    double bottom = 0.0;
    for (const std::uint32_t document : documents) {
      top += numerators[document];
      bottom += denominators[document];
    }
    return bottom == 0.0 ? std::numeric_limits<double>::quiet_NaN() : top / bottom;
  };
}

} // namespace switchyard::statistics
