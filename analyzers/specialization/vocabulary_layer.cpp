#include <algorithm>
#include <array>
#include <cmath>

#include "analyzers/common/cells.h"
#include "analyzers/specialization/vocabulary_counts.h"

namespace switchyard::analyzers {

namespace {

/// n ln n, from a table for the counts that are common.
class PlogP {
public:
  PlogP() {
    for (std::size_t n = 1; n < m_small.size(); ++n)
      m_small[n] = compute(static_cast<double>(n));
  }
  double operator()(std::uint64_t n) const {
    return n < m_small.size() ? m_small[n] : compute(static_cast<double>(n));
  }

private:
  static double compute(double n) { return n * std::log(n); }
  std::array<double, 1024> m_small{};
};

struct SpecializationSums {
  explicit SpecializationSums(std::size_t experts) : sums(experts) {
    out.favourites.resize(experts);
  }
  void add(std::size_t favourite, double share) {
    ++out.items;
    ++out.favourites[favourite];
    sum += share;
    sums[favourite] += share;
  }
  VocabularySpecialization finish() {
    out.mean = ratio(sum, static_cast<double>(out.items));
    for (std::size_t e = 0; e < sums.size(); ++e)
      out.experts.push_back(ratio(sums[e], static_cast<double>(out.favourites[e])));
    return std::move(out);
  }
  VocabularySpecialization out;
  std::vector<double> sums;
  double sum = 0;
};

bool stronger(const TokenShare& a, const TokenShare& b) {
  if (a.share != b.share)
    return a.share > b.share;
  return a.occurrences != b.occurrences ? a.occurrences > b.occurrences : a.id < b.id;
}

void keepBest(std::vector<TokenShare>& best, const TokenShare& token, std::size_t limit) {
  if (limit == 0 || (best.size() == limit && !stronger(token, best.back())))
    return;
  if (best.size() == limit)
    best.pop_back();
  best.insert(std::ranges::upper_bound(best, token, stronger), token);
}

} // namespace

VocabularyLayer VocabularyCounts::layer(VocabularyItem item, std::size_t layer,
                                        std::int64_t minCount, std::size_t topTokens) const {
  const auto experts = static_cast<std::size_t>(m_layers[layer].experts);
  const std::size_t offset = m_offsets[layer];
  static const PlogP plogp;
  SpecializationSums filtered(experts), all(experts);
  VocabularyLayer out;
  out.topTokens.resize(experts);
  std::vector<std::uint64_t> columns(experts);
  double cells = 0, rows = 0;
  std::uint64_t assignments = 0, favoured = 0, occurring = 0;
  for (std::int64_t id = 0; id < ids(item); ++id) {
    const Row* row = find(item, id);
    const std::int64_t n = row == nullptr ? 0 : std::int64_t{row->at(m_offsets[layer + 1] - 1)};
    if (n == 0)
      continue;
    std::uint64_t rowSum = 0;
    for (std::size_t e = 0; e < experts; ++e) {
      const std::uint32_t count = row->at(offset + e);
      if (count == 0)
        continue;
      rowSum += count;
      columns[e] += count;
      cells += plogp(count);
      if (n >= minCount)
        keepBest(out.topTokens[e], {id, n, static_cast<double>(count) / static_cast<double>(n)},
                 topTokens);
    }
    rows += plogp(rowSum);
    assignments += rowSum;
    occurring += static_cast<std::uint64_t>(n);
    const int favourite = favouriteOf(*row, layer);
    if (favourite < 0)
      continue;
    const auto best = static_cast<std::size_t>(favourite);
    const double share = static_cast<double>(row->at(offset + best)) / static_cast<double>(n);
    favoured += row->at(offset + best);
    all.add(best, share);
    if (n >= minCount)
      filtered.add(best, share);
  }
  out.filtered = filtered.finish();
  out.all = all.finish();
  if (assignments == 0)
    return out;
  double columnSum = 0;
  for (std::uint64_t n : columns)
    columnSum += plogp(n);
  const auto total = static_cast<double>(assignments);
  out.mutualInformation = std::max(0.0, (cells - rows - columnSum + plogp(assignments)) / total);
  out.expertEntropy = std::max(0.0, std::log(total) - columnSum / total);
  out.contextSensitivity = 1 - static_cast<double>(favoured) / static_cast<double>(occurring);
  return out;
}

} // namespace switchyard::analyzers
