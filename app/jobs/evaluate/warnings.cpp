#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/statistics/moments.h"
#include "app/jobs/evaluate/tables.h"

namespace switchyard::jobs::evaluate {

namespace {

constexpr std::int64_t kFewItems = 50;

/// The smallest p that McNemar's exact test can give with so many items that differ.
double smallestP(std::int64_t discordant) {
  return std::min(1.0, 2 * std::pow(0.5, static_cast<double>(discordant)));
}

void addUnfinished(const Measured& measured, const std::vector<ItemMeans>& means,
                   std::vector<std::string>& warnings) {
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double share = statistics::meanOf(means[i].unfinished);
    if (share >= 0.05)
      warnings.push_back(fmt::format("{:.0f} % of the answers of {} were cut off at --max-tokens "
                                     "or the end of the context and count as they stand",
                                     100 * share, measured.variants[i].name));
  }
}

void addPower(const Measured& measured, const Block& all, double alpha,
              std::vector<std::string>& warnings) {
  for (std::size_t i = 0; i < all.comparisons.size(); ++i) {
    const Comparison& c = all.comparisons[i];
    const std::int64_t discordant = c.better + c.worse;
    if (c.test == PairedTest::McNemar && discordant > 0 && smallestP(discordant) > alpha)
      warnings.push_back(fmt::format(
          "{} and the base differ in {} items only: with so few, p cannot fall below {:.3g}, "
          "whatever the effect",
          measured.variants[i + 1].name, discordant, smallestP(discordant)));
  }
}

} // namespace

std::vector<std::string> warningsOf(const Measured& measured, const std::vector<ItemMeans>& means,
                                    const Block& all, double alpha) {
  std::vector<std::string> warnings;
  if (measured.look.number > 1)
    warnings.push_back(fmt::format(
        "this is evaluation {} of this task file against this model; {} variants were held "
        "against the base before, and no p value here accounts for them: confirm what you choose "
        "on items that were never looked at",
        measured.look.number, measured.look.earlierVariants));
  if (all.items < kFewItems)
    warnings.push_back(fmt::format("{} items: only large effects can be told from chance; take "
                                   "{} or more",
                                   all.items, kFewItems));
  addPower(measured, all, alpha, warnings);
  addUnfinished(measured, means, warnings);
  if (measured.repeats > 1 && !measured.sampled)
    warnings.push_back("with temperature 0 every repeat of an item is the same: repeats add "
                       "nothing; give --temperature");
  return warnings;
}

} // namespace switchyard::jobs::evaluate
