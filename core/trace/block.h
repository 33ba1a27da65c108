#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace switchyard::trace {

/// Marks an unused slot of a stored selection.
constexpr std::uint16_t kNoExpert = 0xFFFF;

/// One recorded sequence without its routing.
struct SequenceInfo {
  std::int64_t index = 0;             ///< from 0, order of the trace
  std::string id{};                   ///< from the prompt file, or "s<index>"
  std::string source{};               ///< file (and row) the text came from; may be empty
  std::string text{};                 ///< prompt text as given; empty when only ids were given
  std::vector<std::int32_t> tokens{}; ///< prompt, then generated
  std::int64_t promptLength = 0;      ///< tokens of the prompt; the rest was generated
  std::map<std::string, std::string> labels{}; ///< "domain" -> "python", ...
};

/// What is known of one MoE layer of the traced model.
struct LayerInfo {
  int layer = 0;   ///< position in the stack, dense layers counted
  int experts = 0; ///< E, routed
  int k = 0;       ///< slots per token
};

/// Routing of consecutive tokens of one sequence at one MoE layer: the unit that analyzers,
/// simulators and views consume, live or from a file. Borrowed; valid during the call.
struct RoutingBlock {
  const SequenceInfo* sequence = nullptr;
  int moeLayer = 0; ///< index among the trace's MoE layers (0-based)
  LayerInfo info{};
  std::int64_t firstToken = 0; ///< position in the sequence of row 0
  std::int64_t rows = 0;
  std::span<const std::uint16_t> ids{}; ///< [rows, k] rank order; kNoExpert = unused slot
  std::span<const float> weights{};     ///< [rows, k] as multiplied; empty if not recorded
  std::span<const float> logits{};      ///< [rows, E] raw router logits; empty if not recorded
  std::span<const float> norms{};       ///< [rows, k]; empty if not recorded
  /// argmax of the LM logits at each row [rows]; empty if not recorded.
  std::span<const std::int32_t> predicted{};
  /// The same rows of a second trace of the same tokens, where two are compared; else null.
  const RoutingBlock* reference = nullptr;
};

} // namespace switchyard::trace
