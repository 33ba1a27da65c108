#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/plugin/sdk/common.hpp"

SY_SDK_NAMESPACE_BEGIN

/// One MoE layer.
struct Layer {
  int layer = 0;    ///< position in the stack, dense layers counted
  int moeLayer = 0; ///< among the MoE layers, from 0
  int moeLayers = 0;
  int experts = 0;                     ///< E, routed
  int k = 0;                           ///< experts per token of the model's own rule
  const sy_gate* gate = nullptr;       ///< that rule; null where unknown (analyzers, simulators)
  std::span<const float> choiceBias{}; ///< [E] of the gate, or empty

  static Layer from(const sy_layer& table) {
    Layer layer{table.layer, table.moe_layer, table.moe_layers, table.experts, table.k, table.gate,
                {}};
    if (table.choice_bias != nullptr)
      layer.choiceBias = {table.choice_bias, static_cast<std::size_t>(table.experts)};
    return layer;
  }
};

inline std::vector<Layer> layersFrom(const sy_layer* const* tables, std::uint32_t count) {
  std::vector<Layer> layers;
  layers.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    layers.push_back(Layer::from(*tables[i]));
  return layers;
}

/// One recorded sequence; a view that is valid during the call.
class Sequence {
public:
  explicit Sequence(const sy_sequence* table) : m_table(table) {}
  std::int64_t index() const { return m_table->index; } ///< from 0, order of the trace
  std::string_view id() const { return view(m_table->id); }
  std::string_view source() const { return view(m_table->source); }
  std::string_view text() const { return view(m_table->text); } ///< the prompt; may be empty
  /// Prompt, then generated.
  std::span<const std::int32_t> tokens() const {
    return {m_table->tokens, static_cast<std::size_t>(m_table->token_count)};
  }
  std::int64_t promptLength() const { return m_table->prompt_length; }
  std::size_t labelCount() const { return m_table->label_count; }
  std::string_view labelName(std::size_t i) const { return view(m_table->label_names[i]); }
  std::string_view labelValue(std::size_t i) const { return view(m_table->label_values[i]); }
  /// The value of one label ("domain"), or nothing.
  std::optional<std::string_view> label(std::string_view name) const {
    for (std::size_t i = 0; i < labelCount(); ++i)
      if (labelName(i) == name)
        return labelValue(i);
    return std::nullopt;
  }

private:
  const sy_sequence* m_table;
};

/// Routing of consecutive tokens of one sequence at one MoE layer; spans are valid during the call.
struct Block {
  Sequence sequence;
  int moeLayer = 0;
  Layer layer;
  std::int64_t firstToken = 0; ///< position of row 0 in the sequence
  std::int64_t rows = 0;
  std::span<const std::uint16_t> ids; ///< [rows, k] rank order; SY_NO_STORED_EXPERT: unused slot
  std::span<const float> weights; ///< [rows, k] as multiplied; empty if not recorded, like below
  std::span<const float> logits;  ///< [rows, E] raw router logits
  std::span<const float> norms;   ///< [rows, k]
  std::span<const std::int32_t> predicted;  ///< [rows] argmax of the next-token logits
  const sy_block* referenceTable = nullptr; ///< see reference()

  /// The same rows of a second trace of the same tokens, where the user compares two.
  std::optional<Block> reference() const {
    return referenceTable == nullptr ? std::nullopt : std::optional(from(*referenceTable));
  }

  static Block from(const sy_block& table) {
    const Layer layer = Layer::from(*table.layer);
    const auto rows = static_cast<std::size_t>(table.rows);
    const std::size_t slots = rows * static_cast<std::size_t>(layer.k);
    return {Sequence(table.sequence),
            table.moe_layer,
            layer,
            table.first_token,
            table.rows,
            {table.ids, slots},
            optional(table.weights, slots),
            optional(table.logits, rows * static_cast<std::size_t>(layer.experts)),
            optional(table.norms, slots),
            optional(table.predicted, rows),
            table.reference};
  }

private:
  template <typename T> static std::span<const T> optional(const T* data, std::size_t size) {
    return data == nullptr ? std::span<const T>() : std::span<const T>(data, size);
  }
};

SY_SDK_NAMESPACE_END
