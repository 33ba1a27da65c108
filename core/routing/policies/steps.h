#pragma once

#include <memory>

#include "core/routing/policies/options.h"
#include "core/routing/policy.h"

namespace switchyard::routing {

// Makers of the built-in steps: each reads its options and says what it does. All reads of an
// option happen here, so that a recipe is refused before anything runs; what depends on the model
// is checked by begin(). See makeStep() in catalog.h for the door.

using StepResult = base::Result<std::unique_ptr<Policy>>;

// Steps that edit scores or weights of listed experts. -----------------------------------------

/// experts; mode: "zero" (weight 0 after routing, the others unchanged, the id stays),
/// "zero-renorm" (then the weights of every token are renormalised to the gate's scale, also of
/// tokens that had none of the experts; all zero stays zero), "route-around" (logit -inf and never
/// selected; the gate routes again), "swap" (two ids exchanged after routing, weights stay in
/// place).
StepResult makeMask(OptionReader& options);

/// experts, multiplier >= 0; where: "post-norm" (final weight times multiplier), "pre-norm"
/// (gathered score times multiplier, then the gate's renormalisation; selection unchanged),
/// "logit" (logit + ln multiplier, > 0; can change the selection). An expert that is not selected
/// stays unselected except at the logit.
StepResult makeBoost(OptionReader& options);

/// boost of the experts that nPMI ranked first: experts as "layer:expert", multiplier (64), where
/// ("post-norm"; the paper leaves it open). RICE, arXiv:2505.14681.
StepResult makeNpmiSteer(OptionReader& options);

/// experts: each takes a place before all others, whatever its score and group; the number of
/// experts of the token stays and the weight is its normal score. Several: ascending id.
StepResult makeForce(OptionReader& options);

/// value for `experts`, or delta with one number per expert of the layer; where: "logit" (before
/// the score function) or "choice" (selection only).
StepResult makeBias(OptionReader& options);

/// experts that are never selected; where: "logit" (logit -inf too, so that a softmax gives their
/// share to the others) or "choice" (scores untouched). Tokens may end with fewer than k.
StepResult makeBan(OptionReader& options);

// Steps that choose another number of experts, or others. ---------------------------------------

/// k, or per-layer with one k per MoE layer in scope: the checkpoint's own rule with another k.
/// Per token class: one step per class, each with its scope.
StepResult makeTopK(OptionReader& options);

/// p in (0, 1], max-k (0: none), renorm (default: as the checkpoint): experts in falling share
/// while the sum before is <= p, always one. arXiv:2403.07652.
StepResult makeTopP(OptionReader& options);

/// threshold in (0, 1], max-k, renorm: as top-p, but while the sum before is < threshold (XMoE).
StepResult makeThreshold(OptionReader& options);

/// The two largest shares, renormalised; the second is dropped by `rule`: "gap" p1 - p2 >
/// threshold (0.1; arXiv:2310.07188), "naee" w2 < beta w1, "adapmoe" w2 < sqrt(t / sensitivity).
/// renorm (default true): false leaves the raw scores.
StepResult makeAdaptiveGap(OptionReader& options);

/// rank (from 1): only the expert of that rank by the gate's own choice score (biased and masked),
/// weight 1 (renorm) or its raw score; default as the checkpoint. Times the gate's scale.
/// SCMoE, arXiv:2405.14507. Refused where it is the model's own routing: rank 1 with k = 1.
StepResult makeRankR(OptionReader& options);

/// k (0: as many as the token has), weights: "keep" (those of the token's selection, rank by rank;
/// k = 0 only), "equal", "raw" scores, "renorm"; seed (default: the run's). Uniform without
/// replacement by Philox with counter (position, layer, e / 4, sequence): word e mod 4 is the score
/// of expert e, the k largest are taken.
StepResult makeRandom(OptionReader& options);

/// Every expert with a positive logit, weight = logit; possibly none. ReMoE, arXiv:2412.14711.
StepResult makeRelu(OptionReader& options);

/// k, count and logit of null experts: softmax over the experts and `count` null experts of that
/// logit, top-k, nulls dropped, the rest renormalised; possibly none. AdaMoE, arXiv:2406.13233
/// (which learns the null logits per token; here they are one constant).
StepResult makeNullExperts(OptionReader& options);

/// capacity-factor: each expert takes its C = min(T, ceil(cf T / E)) tokens of the batch with the
/// largest score; weight = score. Not causal: depends on the batch. arXiv:2202.09368.
StepResult makeExpertChoice(OptionReader& options);

/// method: "table" (table: expert of each vocabulary entry), "modulo" (token id mod E), "philox"
/// (word 0 of block (id, 0, 0, 0) with key (seed, 0), times E, high half). Weight 1, no gate.
/// arXiv:2106.04426.
StepResult makeHash(OptionReader& options);

} // namespace switchyard::routing
