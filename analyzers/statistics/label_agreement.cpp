#include "analyzers/statistics/label_agreement.h"

#include <algorithm>
#include <cmath>

#include "analyzers/statistics/contingency.h"
#include "analyzers/statistics/mutual_information.h"

namespace switchyard::statistics {

namespace {

double pairs(std::int64_t count) {
  const auto n = static_cast<double>(count);
  return n * (n - 1.0) / 2.0;
}

double pairsWithin(std::span<const std::int64_t> sizes) {
  double sum = 0.0;
  for (const std::int64_t size : sizes)
    sum += pairs(size);
  return sum;
}

double entropyOf(std::span<const std::int64_t> sizes, double total) {
  double sum = 0.0;
  for (const std::int64_t size : sizes)
    sum -= static_cast<double>(size) / total * std::log(static_cast<double>(size) / total);
  return sum;
}

} // namespace

base::Result<LabelAgreement> labelAgreement(std::span<const std::int64_t> a,
                                            std::span<const std::int64_t> b) {
  const Contingency table = SY_TRY(contingency(a, b));
  LabelAgreement result;
  result.mutualInformation = SY_TRY(mutualInformation(a, b));
  const bool sameTrivial = table.rowSums.size() == 1 && table.columnSums.size() == 1;
  if (sameTrivial)
    return result;

  const auto total = static_cast<double>(a.size());
  const double mean = 0.5 * (entropyOf(table.rowSums, total) + entropyOf(table.columnSums, total));
  result.normalisedMutualInformation = table.rowSums.size() == 1 || table.columnSums.size() == 1
                                           ? 0.0
                                           : std::clamp(result.mutualInformation / mean, 0.0, 1.0);

  double together = 0.0;
  for (const Contingency::Cell& cell : table.cells)
    together += pairs(cell.count);
  const double rows = pairsWithin(table.rowSums);
  const double columns = pairsWithin(table.columnSums);
  const double expected = rows * columns / pairs(static_cast<std::int64_t>(a.size()));
  const double largest = 0.5 * (rows + columns);
  // Equal only when both are all singletons: identical up to names.
  result.adjustedRand = largest == expected ? 1.0 : (together - expected) / (largest - expected);
  return result;
}

} // namespace switchyard::statistics
