#include "analyzers/transitions/transition_counts.h"

#include <algorithm>
#include <array>
#include <functional>

#include "analyzers/common/cells.h"

namespace switchyard::analyzers {

namespace {

/// Where the pairs of one kind are counted.
struct PairCells {
  std::uint32_t* all;    ///< [sources + 1, targets + 1]
  std::uint32_t* source; ///< [sources + 1]
  std::uint16_t sources, targets;
  std::size_t sourceK, targetK;
};

/// Counts every pair of a source and a target slot of each row. K: targetK where it is a usual one,
/// so that a row's targets stay in registers; 0 for any.
template <std::size_t K>
void countPairs(const PairCells& cells, const std::uint16_t* s, const std::uint16_t* t,
                std::int64_t rows) {
  const std::size_t targetK = K == 0 ? cells.targetK : K;
  const std::size_t stride = std::size_t{cells.targets} + 1;
  for (std::int64_t r = 0; r < rows; ++r, s += cells.sourceK, t += targetK) {
    std::array<std::uint16_t, K> to;
    for (std::size_t b = 0; b < K; ++b)
      to[b] = std::min(t[b], cells.targets);
    for (std::size_t a = 0; a < cells.sourceK; ++a) {
      const std::uint16_t from = std::min(s[a], cells.sources);
      ++cells.source[from];
      std::uint32_t* line = cells.all + from * stride;
      if constexpr (K == 0) {
        for (std::size_t b = 0; b < targetK; ++b)
          ++line[std::min(t[b], cells.targets)];
      } else {
        for (const std::uint16_t target : to)
          ++line[target];
      }
    }
  }
}

auto pairCounter(std::size_t targetK) {
  switch (targetK) {
  case 2:
    return &countPairs<2>;
  case 4:
    return &countPairs<4>;
  case 6:
    return &countPairs<6>;
  case 8:
    return &countPairs<8>;
  default:
    return &countPairs<0>;
  }
}

std::vector<std::uint64_t> withoutUnused(const CountTable& table, int rows, int columns) {
  std::vector<std::uint64_t> out;
  if (table.size() == 0)
    return out;
  const std::size_t stride = static_cast<std::size_t>(columns) + 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
    for (std::size_t j = 0; j + 1 < stride; ++j)
      out.push_back(table.at(i * stride + j));
  }
  return out;
}

} // namespace

std::optional<double> TransitionTable::conditional(int i, int j) const {
  const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
  return ratio(static_cast<double>(counts[a * static_cast<std::size_t>(targets) + b]),
               static_cast<double>(source[a]));
}

std::vector<double> TransitionTable::coverage() const {
  const auto columns = static_cast<std::size_t>(targets);
  std::vector<std::uint64_t> covered(columns);
  std::vector<std::uint64_t> row(columns);
  for (std::size_t i = 0; i < static_cast<std::size_t>(sources); ++i) {
    const auto first = counts.begin() + static_cast<std::ptrdiff_t>(i * columns);
    std::copy(first, first + targets, row.begin());
    std::ranges::sort(row, std::greater<>());
    for (std::size_t m = 0; m < columns; ++m)
      covered[m] += row[m];
  }
  const auto all = static_cast<double>(total(covered));
  std::vector<double> shares;
  if (all == 0)
    return shares;
  std::uint64_t sum = 0;
  for (std::uint64_t c : covered)
    shares.push_back(static_cast<double>(sum += c) / all);
  return shares;
}

TransitionCounts::TransitionCounts(int sources, int sourceK, int targets, int targetK,
                                   bool equalRank)
    : m_sources(sources), m_sourceK(sourceK), m_targets(targets), m_targetK(targetK) {
  const std::size_t cells =
      (static_cast<std::size_t>(sources) + 1) * (static_cast<std::size_t>(targets) + 1);
  m_all = CountTable(cells);
  m_top1 = CountTable(cells);
  m_source = CountTable(static_cast<std::size_t>(sources) + 1);
  m_equalRank = CountTable(equalRank ? cells : 0);
}

void TransitionCounts::add(std::span<const std::uint16_t> source,
                           std::span<const std::uint16_t> target, std::int64_t rows,
                           std::int64_t sequence, std::int64_t position) {
  const auto unusedSource = static_cast<std::uint16_t>(m_sources);
  const auto unusedTarget = static_cast<std::uint16_t>(m_targets);
  const std::size_t stride = std::size_t{unusedTarget} + 1;
  const auto sourceK = static_cast<std::size_t>(m_sourceK);
  const auto targetK = static_cast<std::size_t>(m_targetK);
  const std::uint64_t most = static_cast<std::uint64_t>(rows) * sourceK * targetK;
  m_steps += rows;
  for (CountTable* table : {&m_all, &m_source, &m_top1, &m_equalRank})
    table->reserve(most);
  pairCounter(targetK)({m_all.hot(), m_source.hot(), unusedSource, unusedTarget, sourceK, targetK},
                       source.data(), target.data(), rows);
  std::uint32_t* top1 = m_top1.hot();
  const std::uint16_t* s = source.data();
  const std::uint16_t* t = target.data();
  for (std::int64_t r = 0; r < rows; ++r, s += sourceK, t += targetK) {
    ++top1[std::min(s[0], unusedSource) * stride + std::min(t[0], unusedTarget)];
    if (s[0] < unusedSource && t[0] < unusedTarget)
      m_sample.offer(sequence, position + r, s[0], t[0]);
  }
  if (m_equalRank.size() == 0)
    return;
  std::uint32_t* equal = m_equalRank.hot();
  s = source.data();
  t = target.data();
  for (std::int64_t r = 0; r < rows; ++r, s += sourceK, t += targetK) {
    for (std::size_t a = 0; a < std::min(sourceK, targetK); ++a)
      ++equal[std::min(s[a], unusedSource) * stride + std::min(t[a], unusedTarget)];
  }
}

void TransitionCounts::merge(const TransitionCounts& other) {
  m_steps += other.m_steps;
  m_sample.merge(other.m_sample);
  m_all.merge(other.m_all);
  m_source.merge(other.m_source);
  m_top1.merge(other.m_top1);
  m_equalRank.merge(other.m_equalRank);
}

TransitionTable TransitionCounts::table() const {
  TransitionTable table;
  table.sources = m_sources;
  table.targets = m_targets;
  table.targetK = m_targetK;
  table.steps = m_steps;
  table.counts = withoutUnused(m_all, m_sources, m_targets);
  table.top1 = withoutUnused(m_top1, m_sources, m_targets);
  table.equalRank = withoutUnused(m_equalRank, m_sources, m_targets);
  for (std::size_t i = 0; i < static_cast<std::size_t>(m_sources); ++i)
    table.source.push_back(m_source.at(i));
  return table;
}

} // namespace switchyard::analyzers
