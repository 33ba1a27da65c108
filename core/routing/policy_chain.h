#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/routing/policy.h"
#include "core/routing/scope.h"

namespace switchyard::routing {

/// One step of a chain.
struct ChainStep {
  std::string name; ///< for messages: "2 (boost)"
  std::unique_ptr<Policy> policy;
  Scope scope{};
};

/// Policies applied one after another, each to the tokens in its scope.
///
/// Order of composition: the draft starts as the model's logits and its own selection. Each step
/// sees what the steps before it left: logits, choice offsets, selection. So, in this order:
/// 1. Steps that edit scores (bias, ban, route-around, boost at the logit). After each of them the
///    checkpoint's own gate routes its rows again at once. Behind a step of the other kinds such an
///    edit would silently undo what that had done to the same token: it is an error.
/// 2. Steps that select (top-k, force, top-p, random, ...). Each starts from the scores and
/// replaces
///    selection and weights: for a token the last one counts.
/// 3. Steps that reweigh (boost, mask, npmi-steer); boost at pre-norm before those that set final
///    weights, else it is refused.
///
/// A step sees only its own rows, so steps that need a batch compete among tokens in scope only.
/// Scope experts: the others get choice offset -inf while the step runs; at a layer with none of
/// them it does not act.
/// A chain is a policy itself, so that a recipe is one.
class PolicyChain final : public Policy {
public:
  explicit PolicyChain(std::vector<ChainStep> steps);

  std::string_view id() const override { return "chain"; }
  PolicyTraits traits() const override { return m_traits; }
  std::unique_ptr<Policy> clone() const override;
  /// Each step is begun with the layers in its scope. Errors: a step's; InvalidArgument for a layer
  /// in a scope that is no MoE layer.
  base::Result<void> begin(std::span<const LayerFacts> layers) override;
  int maxK(const LayerFacts& layer) const override;
  /// None if no step touched any row, else Selection.
  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override;
  bool onlyEditedScores() const override { return m_onlyScores; }

private:
  struct Step {
    std::string name;
    std::unique_ptr<Policy> policy;
    ScopeFilter filter;
    ExpertList candidates;
  };

  base::Result<Edit> run(Step& step, const RoutingBatch& batch, RoutingDraft& draft) const;
  base::Result<Edit> runOnRows(Step& step, const RoutingBatch& batch,
                               std::span<const std::int32_t> rows, RoutingDraft& draft) const;

  bool m_onlyScores = true;
  std::vector<Step> m_steps;
  std::vector<const Step*> m_selectedBy; ///< [T] of one call: the step that chose the row's experts
  PolicyTraits m_traits;
};

} // namespace switchyard::routing
