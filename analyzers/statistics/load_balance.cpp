#include "analyzers/statistics/load_balance.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/concentration.h"

namespace switchyard::statistics {

namespace {

base::Result<void> checkGroup(const BalanceGroup& group, std::size_t experts) {
  SY_TRY(requireSameSize(group.counts.size(), experts, "load balance, counts"));
  SY_TRY(requireSameSize(group.probabilitySum.size(), experts, "load balance, probabilities"));
  SY_TRY(requireFinite(group.counts, "load balance, counts"));
  SY_TRY(requireFinite(group.probabilitySum, "load balance, probabilities"));
  const auto negative = [](double value) { return value < 0.0; };
  if (!(group.tokens > 0.0) || std::any_of(group.counts.begin(), group.counts.end(), negative) ||
      std::any_of(group.probabilitySum.begin(), group.probabilitySum.end(), negative))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "load balance: a group needs tokens, and counts and probabilities must not "
                      "be negative");
  return {};
}

double lossOf(const BalanceGroup& group, double k) {
  double sum = 0.0;
  for (std::size_t e = 0; e < group.counts.size(); ++e)
    sum += group.counts[e] / (group.tokens * k) * (group.probabilitySum[e] / group.tokens);
  return sum * static_cast<double>(group.counts.size());
}

base::Result<double> maxVioOf(const BalanceGroup& group) {
  const Concentration load = SY_TRY(concentration(group.counts));
  if (!load.maxVio)
    return base::fail(base::ErrorCode::InvalidArgument, "load balance: a group has no assignments");
  return *load.maxVio;
}

} // namespace

base::Result<LoadBalance> loadBalance(std::span<const BalanceGroup> groups, int k) {
  if (groups.empty() || k < 1)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("load balance: {} groups and k = {}; at least one of each is "
                                  "needed",
                                  groups.size(), k));
  const std::size_t experts = groups.front().counts.size();
  LoadBalance result;
  BalanceGroup pooled{0.0, std::vector<double>(experts), std::vector<double>(experts)};
  for (const BalanceGroup& group : groups) {
    SY_TRY(checkGroup(group, experts));
    result.perGroup.push_back(lossOf(group, k));
    result.maxVioPerGroup.push_back(SY_TRY(maxVioOf(group)));
    result.micro += result.perGroup.back();
    result.maxVioBatch += result.maxVioPerGroup.back();
    pooled.tokens += group.tokens;
    for (std::size_t e = 0; e < experts; ++e) {
      pooled.counts[e] += group.counts[e];
      pooled.probabilitySum[e] += group.probabilitySum[e];
    }
  }
  const auto count = static_cast<double>(groups.size());
  result.micro /= count;
  result.maxVioBatch /= count;
  result.global = lossOf(pooled, k);
  result.sumOverSlots = k * result.global;
  result.maxVioGlobal = SY_TRY(maxVioOf(pooled));
  return result;
}

} // namespace switchyard::statistics
