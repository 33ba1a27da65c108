#include "analyzers/common/information.h"

#include <cmath>
#include <vector>

namespace switchyard::analyzers {

std::optional<double> entropyOf(std::span<const double> weights) {
  double sum = 0;
  for (double w : weights)
    sum += w;
  if (!(sum > 0))
    return std::nullopt;
  double entropy = 0;
  for (double w : weights) {
    if (w > 0)
      entropy -= w / sum * std::log(w / sum);
  }
  return entropy;
}

std::optional<double> mutualInformation(std::span<const std::uint64_t> counts, std::size_t columns) {
  if (columns == 0)
    return std::nullopt;
  const std::size_t rows = counts.size() / columns;
  std::vector<double> rowSum(rows), columnSum(columns);
  double total = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const auto n = static_cast<double>(counts[i * columns + j]);
      rowSum[i] += n;
      columnSum[j] += n;
      total += n;
    }
  }
  if (total == 0)
    return std::nullopt;
  double information = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const auto n = static_cast<double>(counts[i * columns + j]);
      if (n > 0)
        information += n / total * std::log(n * total / (rowSum[i] * columnSum[j]));
    }
  }
  return information < 0 ? 0 : information;
}

} // namespace switchyard::analyzers
