#include "core/trace/block_batch.h"

#include <utility>

namespace switchyard::trace {

const SequenceInfo& BlockBatch::open(SequenceInfo sequence) {
  return m_sequences.emplace_back(std::move(sequence));
}

void BlockBatch::add(const RoutingBlock& block) {
  Entry entry;
  entry.block = {.sequence = block.sequence,
                 .moeLayer = block.moeLayer,
                 .info = block.info,
                 .firstToken = block.firstToken,
                 .rows = block.rows};
  entry.ids = keep(m_ids, block.ids);
  entry.weights = keep(m_floats, block.weights);
  entry.logits = keep(m_floats, block.logits);
  entry.norms = keep(m_floats, block.norms);
  entry.predicted = keep(m_predicted, block.predicted);
  m_entries.push_back(entry);
}

std::size_t BlockBatch::bytes() const {
  return m_ids.size() * sizeof(std::uint16_t) + m_floats.size() * sizeof(float) +
         m_predicted.size() * sizeof(std::int32_t);
}

base::Result<void>
BlockBatch::forEach(const std::function<base::Result<void>(const RoutingBlock&)>& visit) const {
  const auto of = [](const auto& all, Range range) {
    return std::span(all).subspan(range.first, range.size);
  };
  for (const Entry& entry : m_entries) {
    RoutingBlock block = entry.block;
    block.ids = of(m_ids, entry.ids);
    block.weights = of(m_floats, entry.weights);
    block.logits = of(m_floats, entry.logits);
    block.norms = of(m_floats, entry.norms);
    block.predicted = of(m_predicted, entry.predicted);
    SY_TRY(visit(block));
  }
  return {};
}

void BlockBatch::clear() {
  while (m_sequences.size() > 1)
    m_sequences.pop_front();
  m_entries.clear();
  m_ids.clear();
  m_floats.clear();
  m_predicted.clear();
}

} // namespace switchyard::trace
