#include "analyzers/statistics/concentration.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analyzers/statistics/distances.h"
#include "analyzers/statistics/moments.h"

namespace switchyard::statistics {

base::Result<Concentration> concentration(std::span<const double> loads) {
  const std::optional<Entropy> spread = SY_TRY(entropy(loads));
  Concentration result;
  std::vector<double> sorted(loads.begin(), loads.end());
  std::sort(sorted.begin(), sorted.end());
  for (const double load : sorted)
    result.total += load;
  result.dead = std::count(loads.begin(), loads.end(), 0.0);
  if (!spread)
    return result;

  const auto experts = static_cast<double>(loads.size());
  const double mean = result.total / experts;
  double weighted = 0.0;
  for (std::size_t i = 0; i < sorted.size(); ++i)
    weighted += (2.0 * static_cast<double>(i + 1) - experts - 1.0) * sorted[i];
  result.mean = mean;
  result.maxVio = (sorted.back() - mean) / mean;
  result.minOverMean = sorted.front() / mean;
  result.cv = std::sqrt(std::max(squaresAbout(loads, mean), 0.0) / experts) / mean;
  result.gini = weighted / (experts * result.total);
  result.entropy = spread->nats;
  result.normalisedEntropy = spread->normalised;
  result.effectiveExperts = std::exp(spread->nats);
  return result;
}

} // namespace switchyard::statistics
