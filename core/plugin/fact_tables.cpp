#include "core/plugin/fact_tables.h"

namespace switchyard::plugin {

namespace {

sy_text textOf(const std::string& text) {
  return {text.data(), text.size()};
}

template <typename T> const T* orNull(std::span<const T> values) {
  return values.empty() ? nullptr : values.data();
}

std::int32_t scoreOf(routing::Score score) {
  switch (score) {
  case routing::Score::SoftmaxAll:
    return SY_SCORE_SOFTMAX_ALL;
  case routing::Score::SoftmaxSelected:
    return SY_SCORE_SOFTMAX_SELECTED;
  case routing::Score::Sigmoid:
    return SY_SCORE_SIGMOID;
  case routing::Score::SparseMixer:
    return SY_SCORE_SPARSE_MIXER;
  }
  return -1;
}

std::int32_t groupScoreOf(routing::GroupScore score) {
  switch (score) {
  case routing::GroupScore::None:
    return SY_GROUPS_NONE;
  case routing::GroupScore::Max:
    return SY_GROUPS_MAX;
  case routing::GroupScore::Top2Sum:
    return SY_GROUPS_TOP2_SUM;
  }
  return -1;
}

std::int32_t renormOf(routing::Renorm renorm) {
  switch (renorm) {
  case routing::Renorm::None:
    return SY_RENORM_NONE;
  case routing::Renorm::Sum:
    return SY_RENORM_SUM;
  case routing::Renorm::ClampMin:
    return SY_RENORM_CLAMP_MIN;
  }
  return -1;
}

sy_gate gateOf(const routing::GateConfig& gate) {
  return {sizeof(sy_gate),
          gate.experts,
          gate.k,
          scoreOf(gate.score),
          groupScoreOf(gate.groupScore),
          gate.groups,
          gate.groupsKept,
          renormOf(gate.renorm),
          gate.groupFill,
          gate.renormEps,
          gate.scale,
          gate.jitter};
}

} // namespace

void LayerTables::point() {
  m_pointers.clear();
  for (const sy_layer& layer : m_layers)
    m_pointers.push_back(&layer);
}

void LayerTables::set(std::span<const trace::LayerInfo> layers) {
  m_gates.clear();
  m_biases.clear();
  m_layers.clear();
  for (const trace::LayerInfo& layer : layers)
    m_layers.push_back({sizeof(sy_layer), layer.layer, static_cast<std::int32_t>(m_layers.size()),
                        static_cast<std::int32_t>(layers.size()), layer.experts, layer.k, nullptr,
                        nullptr});
  point();
}

void LayerTables::set(std::span<const routing::LayerFacts> layers) {
  m_gates.clear();
  m_biases.clear();
  m_layers.clear();
  m_gates.reserve(layers.size());
  m_biases.reserve(layers.size());
  for (const routing::LayerFacts& layer : layers) {
    const sy_gate* gate = nullptr;
    if (layer.gate != nullptr)
      gate = &m_gates.emplace_back(gateOf(*layer.gate));
    const std::vector<float>& bias =
        m_biases.emplace_back(layer.choiceBias.begin(), layer.choiceBias.end());
    m_layers.push_back({sizeof(sy_layer), layer.layer.value, layer.moeLayer, layer.moeLayers,
                        layer.experts, layer.k, gate, bias.empty() ? nullptr : bias.data()});
  }
  point();
}

bool LayerTables::sameAs(const LayerTables& other) const {
  if (m_layers.size() != other.m_layers.size())
    return false;
  for (std::size_t i = 0; i < m_layers.size(); ++i)
    if (m_layers[i].layer != other.m_layers[i].layer ||
        m_layers[i].experts != other.m_layers[i].experts || m_layers[i].k != other.m_layers[i].k)
      return false;
  return true;
}

const sy_block* BlockTables::fill(const trace::RoutingBlock& block, const LayerTables& layers) {
  fillOwn(block, layers[static_cast<std::size_t>(block.moeLayer)]);
  if (block.reference == nullptr)
    return &m_block;
  if (m_reference == nullptr)
    m_reference = std::make_unique<BlockTables>();
  const trace::RoutingBlock& other = *block.reference;
  m_reference->m_layer = *m_block.layer;
  m_reference->m_layer.layer = other.info.layer;
  m_reference->m_layer.experts = other.info.experts;
  m_reference->m_layer.k = other.info.k;
  m_reference->fillOwn(other, m_reference->m_layer);
  m_block.reference = &m_reference->m_block;
  return &m_block;
}

void BlockTables::fillOwn(const trace::RoutingBlock& block, const sy_layer& layer) {
  const trace::SequenceInfo& sequence = *block.sequence;
  m_labelNames.clear();
  m_labelValues.clear();
  for (const auto& [name, value] : sequence.labels) {
    m_labelNames.push_back(textOf(name));
    m_labelValues.push_back(textOf(value));
  }
  m_sequence = {sizeof(sy_sequence),     static_cast<std::uint32_t>(m_labelNames.size()),
                sequence.index,          textOf(sequence.id),
                textOf(sequence.source), textOf(sequence.text),
                sequence.tokens.data(),  static_cast<std::int64_t>(sequence.tokens.size()),
                sequence.promptLength,   m_labelNames.data(),
                m_labelValues.data()};
  m_block = {sizeof(sy_block),
             block.moeLayer,
             &m_sequence,
             &layer,
             block.firstToken,
             block.rows,
             block.ids.data(),
             orNull(block.weights),
             orNull(block.logits),
             orNull(block.norms),
             orNull(block.predicted),
             nullptr};
}

} // namespace switchyard::plugin
