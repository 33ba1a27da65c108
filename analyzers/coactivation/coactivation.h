#pragma once

#include <cstdint>
#include <vector>

#include "analyzers/common/count_table.h"
#include "analyzers/common/layer_set.h"
#include "analyzers/common/sequence_counter.h"
#include "analyzers/common/state.h"
#include "analyzers/common/support.h"
#include "analyzers/statistics/association.h"

namespace switchyard::analyzers {

struct CoactivationOptions {
  /// Also count only neighbours in rank, as the released OLMoE script does (undercounts: 7 of the
  /// 28 pairs of a top-8 selection). For comparison with figures made by it.
  bool adjacent = false;
  int top = 32;                  ///< strongest pairs per layer in the table
  int figureExperts = 64;        ///< experts shown in a matrix: those with the largest row maximum
  std::int64_t minPairCount = 5; ///< pairs with fewer joint and expected joint uses are not ranked
  double alpha = 0.05;           ///< false discovery rate of the pairs of a layer
  /// Grouped routing (DeepSeek): E/groups consecutive experts form a group, of which groupsKept
  /// compete for each token. Its uniform baseline then knows groups. 1: no groups.
  int groups = 1;
  int groupsKept = 1;
  SupportRule support = {};
  bool operator==(const CoactivationOptions&) const = default;
};

/// Joint use of one layer's experts.
struct LayerPairs {
  int experts = 0, k = 0;
  std::int64_t tokens = 0;
  std::vector<std::int64_t> counts; ///< [E] N_i
  std::vector<std::int64_t> pairs;  ///< [E, E] N_ij, symmetric, diagonal N_i
  std::vector<std::int64_t>
      adjacent; ///< [E, E] rank neighbours only, symmetric; empty if not asked

  statistics::JointCounts of(int i, int j) const;
  /// P(j selected | i selected) = N_ij / N_i (OLMoE eq. 6). Nothing for N_i = 0.
  std::optional<double> conditional(int i, int j) const;
  /// adjacent[i][j] / N_i. Nothing for N_i = 0.
  std::optional<double> adjacentConditional(int i, int j) const;
};

/// A pair with its measures. p is adjusted (Benjamini-Hochberg) over the layer's testable pairs;
/// tokens of a text are not independent, so it is a lower bound on what chance would do.
struct ExpertPair {
  int i = 0, j = 0; ///< i < j
  std::int64_t both = 0;
  statistics::Association association;
  std::optional<double> adjustedP;
  std::optional<double> overUniform; ///< N_ij over what uniform (grouped) routing gives
};

/// All pairs of a layer, i < j, row by row. groups, groupsKept as in the options.
base::Result<std::vector<ExpertPair>> expertPairs(const LayerPairs& layer, int groups = 1,
                                                  int groupsKept = 1);

/// The layer's experts in an order that puts those used together side by side: average linkage on
/// 1 - Jaccard, optimal leaf order (Bar-Joseph 2001). `merges` refers to positions in `order`.
struct ExpertOrder {
  std::vector<int> order;
  std::vector<trace::DendrogramMerge> merges;
};
base::Result<ExpertOrder> clusterExperts(const LayerPairs& layer, std::span<const int> experts);

/// Which experts of a layer are selected together: all pairs (OLMoE eq. 6), conditional, lift, lift
/// over the fixed-k baseline, Jaccard, phi. Undefined for k = 1 (said in a warning).
/// Memory O(layers * E^2); time O(rows * k^2).
class Coactivation final : public SavedAnalyzer<Coactivation> {
public:
  explicit Coactivation(CoactivationOptions options = {}) : m_options(options) {}

  std::string_view id() const override { return "coactivation"; }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override;
  trace::Columns wants() const override { return {}; }
  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override;
  base::Result<void> add(const trace::RoutingBlock& block) override;
  base::Result<void> merge(const trace::Analyzer& other) override;
  base::Result<trace::AnalysisResult> result() const override;

  /// Counts of MoE layer `layer` (index among the MoE layers) so far.
  LayerPairs layer(std::size_t layer) const;
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_sequences, self.m_states);
  }

private:
  struct LayerState {
    std::int64_t tokens = 0;
    CountTable counts;   ///< [E + 1]
    CountTable pairs;    ///< [E + 1, E + 1] by (rank order of i and j)
    CountTable adjacent; ///< the same, neighbours only
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.tokens, self.counts, self.pairs, self.adjacent);
    }
  };

  CoactivationOptions m_options;
  LayerSet m_layers;
  SequenceCounter m_sequences;
  std::vector<LayerState> m_states;
};

} // namespace switchyard::analyzers
