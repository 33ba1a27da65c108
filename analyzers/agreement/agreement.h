#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyzers/common/fixed_sum.h"
#include "analyzers/common/layer_set.h"
#include "analyzers/common/sequence_counter.h"
#include "analyzers/common/softmax.h"
#include "analyzers/common/state.h"
#include "analyzers/common/support.h"
#include "core/trace/block.h"
#include "core/trace/result.h"

namespace switchyard::analyzers {

struct AgreementOptions {
  Probabilities probabilities = Probabilities::Softmax;
  SupportRule support = {};
  bool operator==(const AgreementOptions&) const = default;
};

/// How alike two models route one layer's tokens. Means over tokens.
struct LayerAgreement {
  std::int64_t tokens = 0;
  std::vector<double> agreement; ///< [k] m = 1..k: |first m of A and first m of B| / m; chance m/E
  std::optional<double> identical; ///< share of tokens with the same set of experts
  std::optional<double> weighted;  ///< sum of min(w, w') over both selections; needs gate weights
  std::optional<double> rankShift; ///< mean |rank in A - rank in B| of the experts both selected
  std::optional<double> loadDistance;    ///< Jensen-Shannon distance of the two loads, nats
  std::optional<double> tokenDivergence; ///< mean JS divergence of the probabilities; needs logits
};

/// Routing agreement of two traces over the same tokens: router saturation when A is an earlier
/// checkpoint of B (OLMoE, 2409.02060, eq. 5, with k and with 1), or any two variants of a model.
/// Accumulates pairs of blocks; merges like an analyzer. Expert numbers must mean the same experts.
class Agreement {
public:
  explicit Agreement(AgreementOptions options = {}) : m_options(options) {}

  /// Errors: InvalidArgument if the layers of the two traces differ in number, E or k.
  base::Result<void> begin(std::span<const trace::LayerInfo> a,
                           std::span<const trace::LayerInfo> b);
  /// Blocks of the same layer and range of one sequence. Errors: InvalidArgument if they do not
  /// match or the token ids of the range differ (names the position).
  base::Result<void> add(const trace::RoutingBlock& a, const trace::RoutingBlock& b);
  base::Result<void> merge(const Agreement& other);
  base::Result<trace::AnalysisResult> result() const;

  LayerAgreement layer(std::size_t layer) const;
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_sequences, self.m_states);
  }

private:
  struct LayerState {
    std::int64_t tokens = 0, identical = 0, weighted = 0, withLogits = 0;
    std::int64_t common = 0, shifts = 0;
    std::vector<std::int64_t> overlaps;     ///< [k] sum of |first m of A and first m of B|
    std::vector<std::int64_t> loadA, loadB; ///< [E + 1]
    WeightSum minWeights;
    StatisticSum divergence;
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.tokens, self.identical, self.weighted, self.withLogits, self.common, self.shifts,
              self.overlaps, self.loadA, self.loadB, self.minWeights, self.divergence);
    }
  };
  void addRow(LayerState& state, const trace::RoutingBlock& a, const trace::RoutingBlock& b,
              std::size_t row);
  void addLogits(LayerState& state, const trace::RoutingBlock& a, const trace::RoutingBlock& b);

  AgreementOptions m_options;
  LayerSet m_layers;
  LayerSet m_layersB;
  SequenceCounter m_sequences;
  std::vector<LayerState> m_states;
  std::vector<std::int32_t> m_rankInB; ///< [E + 1] -1 = not selected
};

} // namespace switchyard::analyzers
