#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "analyzers/common/layer_set.h"
#include "analyzers/common/sequence_counter.h"
#include "analyzers/common/state.h"
#include "analyzers/common/support.h"
#include "analyzers/transitions/transition_counts.h"

namespace switchyard::analyzers {

struct TransitionsOptions {
  /// Pairs of MoE layers (indices among the MoE layers, first < second) whose selections of the
  /// same token are compared. Empty: every layer with the next.
  std::vector<std::pair<int, int>> layerPairs = {};
  bool crossToken = true; ///< also token t with t+1 of the same sequence, per layer
  bool equalRank = false; ///< also rank r with rank r only, as the released OLMoE script counts
  int figureExperts = 64; ///< experts shown in a matrix: the most used
  int flowExperts = 8;    ///< busiest experts a flow names per layer; the rest is "other"
  int permutations = 199; ///< shuffles behind the null of the mutual information
  std::uint64_t seed = 0;
  SupportRule support = {};
  bool operator==(const TransitionsOptions&) const = default;
};

/// From which expert to which: across layers for one token, and across tokens at one layer. All
/// k x k pairs of two selections, the first choices alone, coverage of the likeliest targets, and
/// mutual information (Orders in Chaos, 2510.05497; OLMoE figures of first choices, 2409.02060).
/// Blocks of one range of tokens must arrive layer by layer, ranges of a sequence in order.
/// Memory O(layers * E^2 + layers * k * rows of a range); time O(rows * k^2).
class Transitions final : public SavedAnalyzer<Transitions> {
public:
  explicit Transitions(TransitionsOptions options = {}) : m_options(std::move(options)) {}

  std::string_view id() const override { return "transitions"; }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override;
  trace::Columns wants() const override { return {}; }
  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override;
  base::Result<void> add(const trace::RoutingBlock& block) override;
  base::Result<void> merge(const trace::Analyzer& other) override;
  base::Result<trace::AnalysisResult> result() const override;

  /// The compared layers, as indices among the MoE layers.
  const std::vector<std::pair<int, int>>& layerPairs() const { return m_pairs; }
  TransitionTable crossLayer(std::size_t pair) const { return m_crossLayer[pair].table(); }
  TransitionTable crossToken(std::size_t layer) const { return m_crossToken[layer].table(); }
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_sequences, self.m_tokens, self.m_crossLayer, self.m_crossToken);
  }

private:
  /// The last range seen at a layer, kept until the layers after it have passed.
  struct Range {
    std::int64_t sequence = -1, firstToken = 0, rows = 0;
    std::vector<std::uint16_t> ids;
  };

  TransitionsOptions m_options;
  LayerSet m_layers;
  SequenceCounter m_sequences;
  std::int64_t m_tokens = 0; ///< at the first MoE layer
  std::vector<std::pair<int, int>> m_pairs;
  std::vector<TransitionCounts> m_crossLayer; ///< one per pair
  std::vector<TransitionCounts> m_crossToken; ///< one per layer, or empty
  std::vector<Range> m_ranges;                ///< one per layer
};

} // namespace switchyard::analyzers
