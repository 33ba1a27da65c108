#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyzers/common/fixed_sum.h"
#include "analyzers/common/layer_set.h"
#include "analyzers/common/measures.h"
#include "analyzers/common/softmax.h"
#include "analyzers/common/state.h"
#include "analyzers/common/support.h"
#include "analyzers/specialization/document_moments.h"

namespace switchyard::analyzers {

struct LoadOptions {
  Probabilities probabilities = Probabilities::Softmax; ///< how logits give P of the balance loss
  SupportRule support = {};
  bool operator==(const LoadOptions&) const = default;
};

/// Load of one layer.
struct LayerLoad {
  std::int64_t tokens = 0;
  std::vector<std::int64_t> counts;       ///< [E] tokens with the expert among the selected
  std::vector<std::int64_t> firstChoices; ///< [E] tokens with the expert at rank 0
  std::vector<double> gateMass;           ///< [E] sum of gate weights; empty if not recorded
  /// [E] 95 % interval of counts / tokens, over sequences; nothing for fewer than two of them
  std::vector<std::optional<ShareInterval>> share;
  statistics::Concentration global;  ///< of counts
  std::optional<double> maxVioBatch; ///< mean over sequences of each one's MaxVio
  std::int64_t batches = 0;          ///< sequences in that mean
  std::optional<double> lblMicro;    ///< mean over sequences; needs logits
  std::optional<double> lblGlobal;   ///< counts and probabilities pooled first; needs logits
};

/// How evenly each layer uses its experts: counts, gate mass, MaxVio per batch and global, CV,
/// Gini, entropy, effective and dead experts, load-balance loss micro and global (methods of
/// 2408.15664 and 2501.11873). One batch is one sequence. A token's sequence must arrive without
/// blocks of other sequences in between. Memory O(layers * E); time O(rows * k), with logits O(rows
/// * E).
class Load final : public SavedAnalyzer<Load> {
public:
  explicit Load(LoadOptions options = {}) : m_options(options) {}

  std::string_view id() const override { return "load"; }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override;
  trace::Columns wants() const override { return {.weights = true, .logits = true}; }
  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override;
  base::Result<void> add(const trace::RoutingBlock& block) override;
  base::Result<void> merge(const trace::Analyzer& other) override;
  base::Result<trace::AnalysisResult> result() const override;

  /// Load of MoE layer `layer` (index among the MoE layers) so far.
  LayerLoad layer(std::size_t layer) const;
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_openSequence, self.m_sequences, self.m_states);
  }
  std::int64_t sequences() const;

private:
  /// What one sequence, or the sum of several, adds up to at a layer.
  struct Counts {
    std::int64_t tokens = 0, probTokens = 0, weighted = 0;
    std::vector<std::int64_t> counts, firstChoices; ///< [E + 1], the last for unused slots
    std::vector<WeightSum> mass;                    ///< [E + 1]
    std::vector<std::int64_t> probs;                ///< [E] in units of 2^-30
    void resize(int experts);
    void add(const Counts& other);
    void clear();
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.tokens, self.probTokens, self.weighted, self.counts, self.firstChoices,
              self.mass, self.probs);
    }
  };
  struct LayerState {
    Counts open;             ///< the current sequence
    Counts closed;           ///< all before it
    DocumentMoments moments; ///< of the closed sequences
    StatisticSum maxVio, lbl;
    std::int64_t batches = 0, lblBatches = 0;
    void close(const trace::LayerInfo& info); ///< the current sequence, if it has tokens
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.open, self.closed, self.moments, self.maxVio, self.lbl, self.batches,
              self.lblBatches);
    }
  };
  void closeSequence();
  void addLogits(Counts& counts, const trace::RoutingBlock& block) const;
  /// A copy of this in which the current sequence is closed.
  LayerState closedState(std::size_t layer) const;

  LoadOptions m_options;
  LayerSet m_layers;
  std::vector<LayerState> m_states;
  std::int64_t m_openSequence = -1;
  std::int64_t m_sequences = 0; ///< closed ones
};

} // namespace switchyard::analyzers
