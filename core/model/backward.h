#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/model/kv_cache.h"
#include "core/model/model.h"
#include "core/model/pass.h"
#include "core/model/workspace.h"

namespace switchyard::model {

struct GradientRequest {
  /// One sequence from position 0; at least 2 tokens, at most the model's positions.
  std::span<const base::TokenId> tokens{};
  /// Where the gradient is taken: added to the router logits of every token, [MoE layers, E],
  /// finite; or empty for zeros.
  std::span<const float> offsets{};
  /// The run's routing, begun; null: the checkpoint's own. Cloned. It may edit scores and nothing
  /// else (routing::Policy::onlyEditedScores), and neither remember batches nor need other layers'
  /// logits.
  const routing::Policy* policy = nullptr;
  std::int64_t promptLength = std::numeric_limits<std::int64_t>::max(); ///< for the policy
  std::uint64_t seed = 0;                                               ///< likewise
};

/// Rows of one expert that go back together.
struct ExpertBlock {
  std::int32_t expert;
  std::int32_t begin; ///< first place, as in Workspace::slotRow
  std::int32_t count;
};

/// Buffers of gradient passes, kept between them. One per running pass; not thread-safe.
/// T = tokens - 1, S = T * k at most. Gradients are those of the mean loss.
struct GradientWorkspace {
  Workspace forward;
  KvCache cache;                    ///< keys and values of all layers
  std::vector<LayerRecord> records; ///< of all layers
  std::vector<float> residual;      ///< [T, hidden] gradient of the residual stream
  std::vector<float> blockOut;      ///< [T, hidden] ... of a block's output
  std::vector<float> blockIn;       ///< [T, hidden] ... of its input
  std::vector<float> scratch;       ///< of the parts that run at the same time
  // LM head, some rows at a time.
  std::vector<float> logits;  ///< [rows, vocabulary]
  std::vector<double> losses; ///< [T]
  // Attention; per query head, also for keys and values.
  std::vector<float> rawProjection, projection; ///< [T, stacked projections] values, gradients
  std::vector<float> attended;                  ///< [T, heads * value dim]
  std::vector<float> queries, keys;             ///< [T, heads * headDim]
  std::vector<float> values;                    ///< [T, heads * value dim]
  std::vector<float> expanded;                  ///< Mla: [T, heads * (nope + value)]
  std::vector<float> negatedSines;              ///< [T, rotary pairs]
  // MoE.
  std::vector<ExpertBlock> blocks;
  std::vector<float> expertIn;                   ///< [S, hidden] gradient of each expert's input
  std::vector<float> slotWeights;                ///< [S] ... of each gate weight, in expert order
  std::vector<float> routerLogits;               ///< [T, E]
  std::vector<float> sharedScales, sharedLogits; ///< [T] sigmoid gate: values, gradients
};

/// Mean next-token cross-entropy (nats) over tokens 1..n-1 given those before, and its exact
/// gradient with respect to the router-logit offsets, [MoE layers, E], summed over tokens; with an
/// empty `gradient` only the loss, for the price of a forward pass.
/// Selections are constant (no straight-through); everything else is differentiated: gate weights,
/// experts, attention, norms, and the router's own dependence on its input. Experts that no weight
/// of a token depends on get 0.
///
/// Observers of `context` see the forward pass (Point::LmLogits is not reported). Float32, the same
/// bits for any number of threads. About 2.7 times the work of a forward pass with all logits;
/// memory: two residual streams (four under NormPlacement::Post), keys and values of all layers,
/// and the intermediates of one layer, which are computed again on the way back.
/// Errors: InvalidArgument (fewer than 2 tokens, a token outside the vocabulary, arrays of wrong
/// length), LimitExceeded (more tokens than positions), NonFinite (an offset, router logits, the
/// loss), Unsupported for a policy that has no derivative here, Cancelled, an observer's.
base::Result<double> routerGradient(const Model& model, const PassContext& context,
                                    const GradientRequest& request, GradientWorkspace& buffers,
                                    std::span<float> gradient);

} // namespace switchyard::model
