#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/routing/gate.h"

namespace switchyard::routing {

/// What a policy needs, and what its choices mean. Constant over the life of a policy.
struct PolicyTraits {
  /// Chooses over a whole batch (expert choice, capacity): a token's experts then depend on its
  /// neighbours and on how text is cut into batches, and the model is not causal any more.
  bool needsBatch = false;
  bool needsTokenId = false;        ///< reads TokenFacts::token (hash, masks per vocabulary entry)
  bool needsPreviousLogits = false; ///< reads RoutingBatch::previousLogits (gating residuals)
  bool needsInput = false;          ///< reads RoutingBatch::input
  bool weightOnInput = false;       ///< gate weights multiply the expert's input, not its output
  bool stateful = false;            ///< remembers earlier batches; a fork of a session clones it
  /// Ids E .. E + virtualExperts - 1 may stand in a selection or its drops: places that take no
  /// expert of the checkpoint (null, zero and copy experts). Whoever runs the model gives them
  /// their meaning, or refuses them; without one they contribute nothing.
  int virtualExperts = 0;
};

/// One MoE layer, as a policy sees it. `gate` and `choiceBias` are borrowed and outlive the policy.
struct LayerFacts {
  base::LayerId layer; ///< position in the stack, dense layers counted
  int moeLayer = 0;    ///< among the MoE layers, from 0
  int moeLayers = 0;
  int experts = 0;                   ///< E
  int k = 0;                         ///< experts per token of the checkpoint's own rule
  const GateConfig* gate = nullptr;  ///< the checkpoint's own rule
  std::span<const float> choiceBias; ///< [E] of that rule, or empty
};

/// One token (row) of a batch.
struct TokenFacts {
  base::SequenceId sequence;
  base::TokenPos position;
  base::TokenId token;
  bool generated = false; ///< past the prompt (decode phase)
};

/// One MoE layer of one forward pass. Borrowed; valid during the call.
struct RoutingBatch {
  LayerFacts layer;
  std::span<const TokenFacts> tokens; ///< [T]
  std::span<const float> modelLogits; ///< [T, E] raw router output, before every policy
  /// [T, previous E] what the MoE layer before was routed with (after its policies); empty at the
  /// first one and where no policy asked.
  std::span<const float> previousLogits;
  std::span<const float> input; ///< [T, hidden] what the router multiplied; empty if nobody asked
  int hidden = 0;
  std::uint64_t seed = 0; ///< of the run; random choices use it with sequence, position and layer
};

/// A choice that was made and taken back (capacity, skipping, null experts).
struct Drop {
  std::int32_t row = 0;
  std::int32_t rank = 0;
  std::int32_t expert = 0;
  friend bool operator==(const Drop&, const Drop&) = default;
};

/// Experts of each token, any number from 0 to maxK: row t uses the first counts[t] of its maxK
/// slots. Ids stand in falling selection score (ties: lower id) unless the policy has another
/// order.
struct Assignment {
  int maxK = 0;
  std::vector<std::int32_t> counts; ///< [T]
  std::vector<std::int32_t> ids;    ///< [T, maxK]; unused slots: -1
  std::vector<float> weights;       ///< [T, maxK] exactly what multiplies; unused slots: 0
  /// [T, maxK] gathered scores before renormalising and scaling, or empty where a policy that chose
  /// by itself does not say. A policy that wants to change them ("pre-norm") renormalises after.
  std::vector<float> rawWeights;
  std::vector<Drop> drops; ///< by row, then rank

  /// T rows without experts, with room for maxK each.
  void reset(std::int64_t rows, int newMaxK) {
    const auto slots = static_cast<std::size_t>(rows) * static_cast<std::size_t>(newMaxK);
    maxK = newMaxK;
    counts.assign(static_cast<std::size_t>(rows), 0);
    ids.assign(slots, -1);
    weights.assign(slots, 0.0f);
    rawWeights.clear();
    drops.clear();
  }

  /// Gives row `row` one more expert. The row has fewer than maxK.
  void push(std::int64_t row, std::int32_t id, float weight) {
    auto& count = counts[static_cast<std::size_t>(row)];
    const std::size_t slot = static_cast<std::size_t>(row) * static_cast<std::size_t>(maxK) +
                             static_cast<std::size_t>(count++);
    ids[slot] = id;
    weights[slot] = weight;
  }

  std::span<const std::int32_t> idsOf(std::int64_t row) const { return rowOf(ids, row); }
  std::span<const float> weightsOf(std::int64_t row) const { return rowOf(weights, row); }

private:
  template <typename T>
  std::span<const T> rowOf(const std::vector<T>& values, std::int64_t row) const {
    const auto r = static_cast<std::size_t>(row);
    return std::span<const T>(values).subspan(r * static_cast<std::size_t>(maxK),
                                              static_cast<std::size_t>(counts[r]));
  }
};

/// Where reroute() works on one row; kept with the draft, so that a token loop does not allocate.
struct RowScratch {
  std::vector<float> probs, choice, groupScores, masked; ///< [E], groupScores: [groups]
  std::vector<std::int32_t> order;                       ///< [E]
  std::vector<std::int32_t> ids;                         ///< [k]
  std::vector<float> weights;                            ///< [k]
};

/// What a chain of policies hands from one to the next. The first one gets the model's logits and
/// its own selection.
struct RoutingDraft {
  std::vector<float> logits; ///< [T, E]; -inf: the expert cannot be chosen
  /// [T, E] added to the scores for choosing only, on top of the checkpoint's own; or empty
  /// (zeros). -inf: never chosen, though its score still counts in a softmax.
  std::vector<float> choiceOffsets;
  Assignment assignment;
  RowScratch scratch;
};

/// What apply() changed.
enum class Edit : std::uint8_t {
  None,
  /// logits or choiceOffsets: the checkpoint's own gate routes again from them before the next
  /// policy. That would undo what an earlier policy selected, so a chain (policy_chain.h) refuses
  /// it for tokens where one had.
  Scores,
  Selection, ///< assignment: it stands as it is
};

/// Rewrites routing, one layer of one batch at a time. Chains: see RoutingDraft and Edit.
///
/// The same batch (and seed) gives the same bytes on any machine with any number of threads. Unless
/// needsBatch or stateful, a token's outcome does not depend on the other rows. One object is used
/// by one thread at a time; layers of a pass come in order.
class Policy {
public:
  virtual ~Policy() = default;
  virtual std::string_view id() const = 0;
  virtual PolicyTraits traits() const = 0;
  /// A policy with the same options and the same state, for a fork or another thread.
  virtual std::unique_ptr<Policy> clone() const = 0;
  /// Called once before the first batch with the MoE layers in order; refuses what its options
  /// cannot mean for them (Error InvalidArgument or Unsupported, naming the option).
  virtual base::Result<void> begin(std::span<const LayerFacts> layers) = 0;
  /// The most experts that apply() gives one token at this layer, virtual ones counted.
  virtual int maxK(const LayerFacts& layer) const = 0;
  /// Errors: InvalidArgument, NonFinite; the draft is unspecified after one.
  virtual base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) = 0;
  /// Whether apply() has left all choosing and weighing to the checkpoint's own gate so far. Then
  /// that gate's derivative, taken at the edited logits, is that of the whole rule.
  virtual bool onlyEditedScores() const { return false; }
};

} // namespace switchyard::routing
