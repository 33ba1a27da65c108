#pragma once

#include <cstdint>
#include <vector>

#include "core/trace/block.h"

namespace switchyard::plugin {

/// A seeded made-up trace: `sequences` of 1 to 40 tokens over the layers, distinct ids in each row,
/// with labels, weights and logits.
class MadeUpTrace {
public:
  MadeUpTrace(std::uint64_t seed, int sequences, int layers, int experts, int k);

  const std::vector<trace::LayerInfo>& layers() const { return m_layers; }
  std::size_t sequences() const { return m_sequences.size(); }
  std::int64_t tokens() const;
  /// The blocks of one sequence, layer by layer, for each range of at most `chunk` tokens.
  std::vector<trace::RoutingBlock> blocks(std::size_t sequence, std::int64_t chunk = 16) const;

private:
  struct Column {
    std::vector<std::uint16_t> ids;
    std::vector<float> weights, logits;
  };
  std::vector<trace::LayerInfo> m_layers;
  std::vector<trace::SequenceInfo> m_sequences;
  std::vector<std::vector<Column>> m_columns; ///< [sequence][layer]
};

} // namespace switchyard::plugin
