#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace switchyard::trace {

/// Distributions that a generated token is chosen from, at most: of the text's own pass, and of the
/// decoder's other pass.
inline constexpr int kDistributions = 2;

/// What a trace holds per token besides the selected experts, or what a reader wants of it.
struct Columns {
  bool weights = false;   ///< gate weights [rows, k] f32, exactly as multiplied
  bool logits = false;    ///< raw router logits [rows, E] f32
  bool norms = false;     ///< L2 norm of each selected expert's output [rows, k] f32
  bool hidden = false;    ///< residual stream, see TraceWriter::addHidden; f32
  bool lmLogits = false;  ///< next-token logits [rows, vocabulary] f32
  bool predicted = false; ///< argmax of the next-token logits [rows] i32; ties: lower id
  /// The distributions that each generated token was chosen from [2, generated, vocabulary] f32,
  /// see TraceWriter::addDistribution.
  bool distributions = false;

  friend bool operator==(const Columns&, const Columns&) = default;
  /// Everything that a RoutingBlock can carry.
  static constexpr Columns ofBlocks() {
    return {.weights = true, .logits = true, .norms = true, .predicted = true};
  }
};

/// What both have.
constexpr Columns operator&(const Columns& a, const Columns& b) {
  return {.weights = a.weights && b.weights,
          .logits = a.logits && b.logits,
          .norms = a.norms && b.norms,
          .hidden = a.hidden && b.hidden,
          .lmLogits = a.lmLogits && b.lmLogits,
          .predicted = a.predicted && b.predicted,
          .distributions = a.distributions && b.distributions};
}

/// What either has.
constexpr Columns operator|(const Columns& a, const Columns& b) {
  return {.weights = a.weights || b.weights,
          .logits = a.logits || b.logits,
          .norms = a.norms || b.norms,
          .hidden = a.hidden || b.hidden,
          .lmLogits = a.lmLogits || b.lmLogits,
          .predicted = a.predicted || b.predicted,
          .distributions = a.distributions || b.distributions};
}

/// "ids,weights,logits": always ids, then those that are set, in the order of the members.
std::string describe(const Columns& columns);
/// The reverse; names (weights, logits, norms, hidden, lm-logits, predicted,
/// distributions) in any order, "ids" may be left out. Error InvalidArgument naming an unknown or
/// repeated word.
base::Result<Columns> parseColumns(std::string_view list);

} // namespace switchyard::trace
