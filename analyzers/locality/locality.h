#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analyzers/common/layer_set.h"
#include "analyzers/common/sequence_counter.h"
#include "analyzers/common/state.h"
#include "analyzers/common/support.h"
#include "analyzers/locality/lru_stack.h"

namespace switchyard::analyzers {

struct LocalityOptions {
  std::vector<int> lags = {1, 2, 4, 8};    ///< 1..63
  std::vector<int> windows = {8, 32, 128}; ///< tokens
  SupportRule support = {};
  bool operator==(const LocalityOptions&) const = default;
};

/// How soon one layer comes back to the same experts. Every sequence starts with nothing used.
struct LayerLocality {
  std::int64_t tokens = 0;
  std::vector<std::optional<double>> repeat; ///< [lags] mean |S_t and S_(t+lag)| / k; chance k/E
  std::vector<std::int64_t> reuse;           ///< [E] uses with d distinct experts more recent
  std::int64_t firstUses = 0;                ///< uses of an expert new to its sequence
  std::vector<std::optional<double>>
      workingSet; ///< [windows] mean distinct experts per full window

  /// Share of uses an LRU cache of `capacity` >= k experts would hit, cold at each sequence.
  std::optional<double> hitRate(int capacity) const;
};

/// Temporal locality of the routing: repeat rate at several lags, LRU reuse distances (the whole
/// miss-ratio curve of a per-layer cache in one pass) and working sets. Memory O(layers * E);
/// time O(rows * (k + lags + windows + E) * E / 64).
class Locality final : public SavedAnalyzer<Locality> {
public:
  explicit Locality(LocalityOptions options = {}) : m_options(std::move(options)) {}

  std::string_view id() const override { return "locality"; }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override;
  trace::Columns wants() const override { return {}; }
  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override;
  base::Result<void> add(const trace::RoutingBlock& block) override;
  base::Result<void> merge(const trace::Analyzer& other) override;
  base::Result<trace::AnalysisResult> result() const override;

  LayerLocality layer(std::size_t layer) const;
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_sequences, self.m_states);
  }

private:
  struct LayerState {
    std::int64_t tokens = 0, firstUses = 0;
    std::vector<std::int64_t> repeats, repeatSteps;  ///< [lags]
    std::vector<std::int64_t> reuse;                 ///< [E]
    std::vector<std::int64_t> distinct, fullWindows; ///< [windows]
    // The current sequence:
    std::int64_t sequence = -1, next = 0, row = 0;
    LruStack stack;
    std::vector<std::uint64_t> recent; ///< [64, words] selections of the last 64 rows, by row % 64
    std::vector<std::uint64_t> open;   ///< [windows, words] experts of the current window
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.tokens, self.firstUses, self.repeats, self.repeatSteps, self.reuse,
              self.distinct, self.fullWindows);
    }
  };
  void restart(LayerState& state) const;
  void addRow(LayerState& state, std::span<const std::uint16_t> slots);

  LocalityOptions m_options;
  LayerSet m_layers;
  SequenceCounter m_sequences;
  std::vector<LayerState> m_states;
  std::vector<std::uint16_t> m_ids; ///< distinct experts of one row, reused
};

} // namespace switchyard::analyzers
