#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyzers/common/count_table.h"
#include "analyzers/transitions/pair_sample.h"

namespace switchyard::analyzers {

/// Counted steps from one selection (source) to another (target): the next layer's for the same
/// token, or the next token's at the same layer.
struct TransitionTable {
  int sources = 0, targets = 0; ///< experts on either side
  int targetK = 0;
  std::int64_t steps = 0;               ///< token pairs (or tokens) counted
  std::vector<std::uint64_t> counts;    ///< [sources, targets] all k x k pairs
  std::vector<std::uint64_t> source;    ///< [sources] steps whose source selection has i
  std::vector<std::uint64_t> top1;      ///< [sources, targets] first choices only
  std::vector<std::uint64_t> equalRank; ///< rank r with rank r (released OLMoE); empty if not asked

  /// P(j in target | i in source); rows sum to k. Nothing for an unused source.
  std::optional<double> conditional(int i, int j) const;
  /// [targets] share of all transitions that fall on each source's m likeliest targets, m = 1..E.
  /// Empty when nothing was counted.
  std::vector<double> coverage() const;
};

/// The accumulator behind a TransitionTable.
class TransitionCounts {
public:
  TransitionCounts() = default;
  TransitionCounts(int sources, int sourceK, int targets, int targetK, bool equalRank);
  /// Counts rows of source ids [rows, sourceK] against target ids [rows, targetK]; ids checked. Row
  /// 0 of the target stands at `position` of sequence `sequence`.
  void add(std::span<const std::uint16_t> source, std::span<const std::uint16_t> target,
           std::int64_t rows, std::int64_t sequence, std::int64_t position);
  void merge(const TransitionCounts& other);
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_steps, self.m_sample, self.m_all, self.m_source, self.m_top1, self.m_equalRank);
  }
  TransitionTable table() const;
  const PairSample& sample() const { return m_sample; } ///< of first choices

private:
  int m_sources = 0, m_sourceK = 0, m_targets = 0, m_targetK = 0;
  std::int64_t m_steps = 0;
  PairSample m_sample;
  CountTable m_all, m_source, m_top1, m_equalRank; ///< strides targets + 1
};

} // namespace switchyard::analyzers
