#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/plugin/abi.h"
#include "core/routing/policy.h"
#include "core/trace/block.h"
#include "core/trace/result.h"

namespace switchyard::plugin {

/// Layers as C tables; owned, do not move.
class LayerTables {
public:
  LayerTables() = default;
  LayerTables(const LayerTables&) = delete;
  LayerTables& operator=(const LayerTables&) = delete;

  void set(std::span<const trace::LayerInfo> layers);
  void set(std::span<const routing::LayerFacts> layers);
  bool sameAs(const LayerTables& other) const;

  std::span<const sy_layer* const> pointers() const { return m_pointers; }
  std::size_t size() const { return m_layers.size(); }
  const sy_layer& operator[](std::size_t i) const { return m_layers[i]; }

private:
  void point();

  std::vector<sy_gate> m_gates;
  std::vector<std::vector<float>> m_biases;
  std::vector<sy_layer> m_layers;
  std::vector<const sy_layer*> m_pointers;
};

/// One routing block as C tables that borrow from it.
class BlockTables {
public:
  /// layers: those that begin() was called with. Valid until the next call.
  const sy_block* fill(const trace::RoutingBlock& block, const LayerTables& layers);

private:
  void fillOwn(const trace::RoutingBlock& block, const sy_layer& layer);

  std::vector<sy_text> m_labelNames, m_labelValues;
  sy_sequence m_sequence{};
  sy_block m_block{};
  std::unique_ptr<BlockTables> m_reference; ///< made when a block has one
  sy_layer m_layer{};                       ///< of a reference
};

/// How many sequences and tokens went by, for provenance. Blocks of one sequence come together.
class SeenCounter {
public:
  void add(const trace::RoutingBlock& block) {
    if (block.moeLayer != 0)
      return;
    m_tokens += block.rows;
    m_sequences += block.sequence->index != m_last ? 1 : 0;
    m_last = block.sequence->index;
  }
  void merge(const SeenCounter& other) {
    m_sequences += other.m_sequences;
    m_tokens += other.m_tokens;
  }
  void describe(trace::Provenance& provenance) const {
    provenance.sequences = m_sequences;
    provenance.tokens = m_tokens;
  }

private:
  std::int64_t m_sequences = 0, m_tokens = 0, m_last = -1;
};

} // namespace switchyard::plugin
