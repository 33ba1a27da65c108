#include "app/jobs/evaluate/statistics.h"

#include <algorithm>

#include "analyzers/statistics/bootstrap.h"
#include "analyzers/statistics/moments.h"
#include "analyzers/statistics/multiple_testing.h"
#include "analyzers/statistics/paired_counts.h"
#include "analyzers/statistics/proportion.h"
#include "analyzers/statistics/sign_flip.h"

namespace switchyard::jobs::evaluate {

namespace {

using base::Result;

bool isYesNo(std::span<const double> values) {
  return std::ranges::all_of(values, [](double value) { return value == 0 || value == 1; });
}

std::vector<double> differences(std::span<const double> base, std::span<const double> variant) {
  std::vector<double> out(base.size());
  std::ranges::transform(variant, base, out.begin(), std::minus<>());
  return out;
}

std::vector<double> pick(std::span<const double> values, std::span<const std::size_t> items) {
  std::vector<double> out;
  if (!values.empty())
    for (const std::size_t item : items)
      out.push_back(values[item]);
  return out;
}

Result<Estimate> bootstrapMean(std::span<const double> values, const TestOptions& options) {
  const auto result = SY_TRY(statistics::bootstrap(values.size(), statistics::meanStatistic(values),
                                                   {.resamples = options.resamples,
                                                    .seed = options.seed,
                                                    .level = options.level,
                                                    .threads = options.threads}));
  Estimate estimate{result.estimate, {result.estimate, result.estimate}};
  if (result.interval.percentile)
    estimate.interval = *result.interval.percentile;
  return estimate;
}

} // namespace

ItemMeans itemMeans(std::span<const Outcome> outcomes, std::int64_t repeats) {
  ItemMeans means;
  const auto each = static_cast<std::size_t>(repeats);
  const bool choices =
      std::ranges::all_of(outcomes, [](const Outcome& o) { return o.lengthScore.has_value(); });
  const bool thinks =
      std::ranges::all_of(outcomes, [](const Outcome& o) { return o.thinking.has_value(); });
  const auto mean = [&](std::size_t item, auto&& value) {
    double sum = 0;
    for (std::size_t r = 0; r < each; ++r)
      sum += value(outcomes[item * each + r]);
    return sum / static_cast<double>(repeats);
  };
  for (std::size_t item = 0; item * each < outcomes.size(); ++item) {
    means.score.push_back(mean(item, [](const Outcome& o) { return o.score; }));
    means.tokens.push_back(
        mean(item, [](const Outcome& o) { return static_cast<double>(o.tokens); }));
    means.unfinished.push_back(mean(item, [](const Outcome& o) {
      return o.stop == "max-tokens" || o.stop == "context-full" ? 1.0 : 0.0;
    }));
    if (choices)
      means.lengthScore.push_back(mean(item, [](const Outcome& o) { return *o.lengthScore; }));
    if (thinks)
      means.thinking.push_back(
          mean(item, [](const Outcome& o) { return static_cast<double>(*o.thinking); }));
  }
  return means;
}

ItemMeans meanOf(std::span<const ItemMeans> variants) {
  ItemMeans mean = variants.front();
  const auto average = [&](std::vector<double> ItemMeans::*part) {
    for (std::size_t item = 0; item < (mean.*part).size(); ++item) {
      double sum = 0;
      for (const ItemMeans& variant : variants)
        sum += (variant.*part)[item];
      (mean.*part)[item] = sum / static_cast<double>(variants.size());
    }
  };
  for (const auto part : {&ItemMeans::score, &ItemMeans::lengthScore, &ItemMeans::tokens,
                          &ItemMeans::thinking, &ItemMeans::unfinished})
    average(part);
  return mean;
}

ItemMeans subset(const ItemMeans& means, std::span<const std::size_t> items) {
  return {pick(means.score, items), pick(means.lengthScore, items), pick(means.tokens, items),
          pick(means.thinking, items), pick(means.unfinished, items)};
}

Result<Estimate> meanEstimate(std::span<const double> values, const TestOptions& options) {
  if (values.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "there are no items to take a mean of");
  if (!isYesNo(values))
    return bootstrapMean(values, options);
  const auto right = std::ranges::count(values, 1.0);
  const auto interval = SY_TRY(
      statistics::wilsonInterval(right, static_cast<std::int64_t>(values.size()), options.level));
  return Estimate{static_cast<double>(right) / static_cast<double>(values.size()), interval};
}

std::string_view name(PairedTest test) {
  return test == PairedTest::McNemar ? "McNemar, exact" : "sign-flip permutation";
}

Result<Comparison> compare(const ItemMeans& base, const ItemMeans& variant,
                           const TestOptions& options) {
  if (base.score.empty() || base.score.size() != variant.score.size())
    return base::fail(base::ErrorCode::InvalidArgument,
                      "a comparison needs the same items of both, at least one");
  const std::vector<double> score = differences(base.score, variant.score);
  Comparison comparison;
  comparison.score = SY_TRY(bootstrapMean(score, options));
  comparison.tokens = SY_TRY(bootstrapMean(differences(base.tokens, variant.tokens), options));
  if (!base.thinking.empty() && !variant.thinking.empty())
    comparison.thinking =
        SY_TRY(bootstrapMean(differences(base.thinking, variant.thinking), options));
  for (const double d : score)
    ++(d > 0 ? comparison.better : d < 0 ? comparison.worse : comparison.equal);
  if (isYesNo(base.score) && isYesNo(variant.score)) {
    comparison.test = PairedTest::McNemar;
    comparison.p = SY_TRY(statistics::mcNemar(comparison.worse, comparison.better)).exact.p;
  } else {
    comparison.test = PairedTest::SignFlip;
    comparison.p = SY_TRY(statistics::signFlipTest(
                              score, {.flips = options.permutations, .seed = options.seed}))
                       .p.twoSided;
  }
  return comparison;
}

Result<void> adjust(std::vector<Comparison>& comparisons) {
  std::vector<double> p;
  for (const Comparison& comparison : comparisons)
    p.push_back(comparison.p);
  const std::vector<double> adjusted =
      SY_TRY(statistics::adjustPValues(p, statistics::Correction::BenjaminiHochberg));
  for (std::size_t i = 0; i < comparisons.size(); ++i)
    comparisons[i].adjusted = adjusted[i];
  return {};
}

} // namespace switchyard::jobs::evaluate
