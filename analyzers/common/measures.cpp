#include "analyzers/common/measures.h"

#include <algorithm>
#include <vector>

#include "analyzers/statistics/load_balance.h"
#include "analyzers/statistics/mutual_information.h"

namespace switchyard::analyzers {

namespace {
template <typename T> std::vector<double> toDoubles(std::span<const T> values) {
  return std::vector<double>(values.begin(), values.end());
}
template <typename T> std::optional<T> toOptional(const base::Result<T>& result) {
  return result ? std::optional<T>(*result) : std::nullopt;
}
} // namespace

statistics::Concentration concentrationOf(std::span<const std::int64_t> load) {
  return toOptional(statistics::concentration(toDoubles(load)))
      .value_or(statistics::Concentration());
}

std::optional<double> loadBalanceOf(std::span<const std::int64_t> counts,
                                    std::span<const double> probabilitySum, std::int64_t tokens,
                                    int k) {
  const statistics::BalanceGroup group{static_cast<double>(tokens),
                                       toDoubles(counts),
                                       {probabilitySum.begin(), probabilitySum.end()}};
  const auto balance = statistics::loadBalance({&group, 1}, k);
  return balance ? std::optional(balance->global) : std::nullopt;
}

std::optional<double> mutualInformationOf(std::span<const std::uint64_t> counts,
                                          std::size_t columns) {
  if (columns == 0 || std::ranges::all_of(counts, [](std::uint64_t n) { return n == 0; }))
    return std::nullopt;
  return toOptional(
      statistics::mutualInformation(toDoubles(counts), counts.size() / columns, columns));
}

} // namespace switchyard::analyzers
