#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyzers/common/fixed_sum.h"
#include "analyzers/common/layer_set.h"
#include "analyzers/common/sequence_counter.h"
#include "analyzers/common/softmax.h"
#include "analyzers/common/state.h"
#include "analyzers/common/support.h"

namespace switchyard::analyzers {

struct EntropyOptions {
  Probabilities probabilities = Probabilities::Softmax;
  /// A token is uncertain when its GW entropy reaches this share of ln E. GW-MoE uses 1.8 nats for
  /// 8 experts, which is 0.8656 ln 8; the share carries the rule to other E.
  double uncertainShare = 0.8656170245333781; // 1.8 / ln 8
  SupportRule support = {};
  bool operator==(const EntropyOptions&) const = default;
};

/// How sure the router of one layer is. Means over tokens with usable logits; entropies in nats.
struct LayerEntropy {
  std::int64_t tokens = 0; ///< with logits, all finite
  std::int64_t withoutLogits = 0;
  std::optional<double> entropy;           ///< of the probabilities over all E, before top-k
  std::optional<double> normalisedEntropy; ///< / ln E
  std::optional<double> margin;            ///< largest minus second probability
  std::optional<double> selectedMass;      ///< probability of the selected experts
  std::optional<double> uncertain;         ///< share of tokens over the GW threshold
  double threshold = 0;                    ///< that threshold, nats
  /// Mean (logsumexp of the logits)^2, each at most 65535; softmax routers only.
  std::optional<double> zLoss;
  static constexpr std::size_t kBins = 20;
  std::array<std::int64_t, kBins> entropyBins{}; ///< of entropy / ln E over [0, 1]
  std::array<std::int64_t, kBins> marginBins{};  ///< of the margin over [0, 1]
};

/// Router uncertainty: entropy, margins, probability mass of the selection, share of tokens that
/// GW-MoE (2406.12375) would call uncertain (sum p (-ln(p + 1e-5)) >= H*), and the z-loss. Needs
/// router logits. Memory O(layers); time O(rows * E).
class Entropy final : public SavedAnalyzer<Entropy> {
public:
  explicit Entropy(EntropyOptions options = {}) : m_options(options) {}

  std::string_view id() const override { return "entropy"; }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override;
  trace::Columns wants() const override { return {.logits = true}; }
  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override;
  base::Result<void> add(const trace::RoutingBlock& block) override;
  base::Result<void> merge(const trace::Analyzer& other) override;
  base::Result<trace::AnalysisResult> result() const override;

  LayerEntropy layer(std::size_t layer) const;
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_sequences, self.m_states);
  }

private:
  struct LayerState {
    std::int64_t tokens = 0, withoutLogits = 0, uncertain = 0;
    StatisticSum entropy, margin, mass, zLoss;
    std::array<std::int64_t, LayerEntropy::kBins> entropyBins{}, marginBins{};
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.tokens, self.withoutLogits, self.uncertain, self.entropy, self.margin, self.mass,
              self.zLoss, self.entropyBins, self.marginBins);
    }
  };
  void addRow(LayerState& state, const trace::RoutingBlock& block, std::size_t row) const;
  double threshold(std::size_t layer) const;

  EntropyOptions m_options;
  LayerSet m_layers;
  SequenceCounter m_sequences;
  std::vector<LayerState> m_states;
  std::vector<float> m_row; ///< probabilities of one token
};

} // namespace switchyard::analyzers
