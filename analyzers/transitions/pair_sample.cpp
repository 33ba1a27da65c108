#include "analyzers/transitions/pair_sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "analyzers/statistics/permutation.h"

namespace switchyard::analyzers {

namespace {

/// Mutual information (nats) of two columns of ids below 2^16, from n ln n of the counts: shuffles
/// of one sample need it often.
double information(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  static const auto nLogN = [] {
    std::array<double, PairSample::kSize + 1> table{};
    for (std::size_t n = 1; n < table.size(); ++n)
      table[n] = static_cast<double>(n) * std::log(static_cast<double>(n));
    return table;
  }();
  const auto sides =
      static_cast<std::size_t>(1 + std::max(std::ranges::max(a), std::ranges::max(b)));
  std::vector<std::uint16_t> joint(sides * sides), countsA(sides), countsB(sides);
  double sum = nLogN[a.size()];
  const auto count = [&](std::uint16_t& cell, double sign) {
    sum += sign * (nLogN[cell + 1u] - nLogN[cell]);
    ++cell;
  };
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<std::size_t>(a[i]), y = static_cast<std::size_t>(b[i]);
    count(joint[x * sides + y], 1);
    count(countsA[x], -1);
    count(countsB[y], -1);
  }
  return std::max(0.0, sum / static_cast<double>(a.size()));
}

} // namespace

void PairSample::prune() {
  const auto last = m_steps.begin() + (kSize - 1);
  std::nth_element(m_steps.begin(), last, m_steps.end());
  m_bound = last->hash;
  m_steps.resize(kSize);
}

void PairSample::merge(const PairSample& other) {
  for (const Step& step : other.m_steps)
    keep(step);
}

base::Result<PairSample::Null> PairSample::permutationNull(int permutations,
                                                           std::uint64_t seed) const {
  if (m_steps.empty())
    return Null{};
  std::vector<Step> steps = m_steps;
  std::sort(steps.begin(), steps.end());
  if (steps.size() > kSize)
    steps.resize(kSize);
  std::vector<std::int64_t> sources, targets;
  for (const Step& step : steps) {
    sources.push_back(step.source);
    targets.push_back(step.target);
  }
  const auto test = SY_TRY(statistics::permutationTest(
      targets, [&](std::span<const std::int64_t> labels) { return information(sources, labels); },
      {.permutations = permutations, .seed = seed}));
  Null out{test.observed, 0, test.p.greater};
  for (double value : test.null)
    out.mean += value / static_cast<double>(test.null.size());
  return out;
}

} // namespace switchyard::analyzers
