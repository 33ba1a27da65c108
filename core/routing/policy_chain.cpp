#include "core/routing/policy_chain.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "core/routing/policies/score_edits.h"
#include "core/routing/reroute.h"
#include "core/routing/row_subset.h"

namespace switchyard::routing {

namespace {

PolicyTraits unite(PolicyTraits a, const PolicyTraits& b) {
  a.needsBatch |= b.needsBatch;
  a.needsTokenId |= b.needsTokenId;
  a.needsPreviousLogits |= b.needsPreviousLogits;
  a.needsInput |= b.needsInput;
  a.weightOnInput |= b.weightOnInput;
  a.stateful |= b.stateful;
  a.virtualExperts = std::max(a.virtualExperts, b.virtualExperts);
  return a;
}

base::Error inStep(const std::string& name, base::Error error) {
  error.message = fmt::format("recipe step {}: {}", name, error.message);
  return error;
}

/// Ids of the layer that are not candidates.
std::vector<std::int32_t> othersThan(std::span<const std::int32_t> candidates, int experts) {
  std::vector<std::int32_t> others;
  for (std::int32_t e = 0; e < experts; ++e)
    if (!std::ranges::binary_search(candidates, e))
      others.push_back(e);
  return others;
}

} // namespace

PolicyChain::PolicyChain(std::vector<ChainStep> steps) {
  for (ChainStep& step : steps) {
    m_traits = unite(m_traits, step.policy->traits());
    m_traits.needsTokenId |= step.scope.needsTokenId();
    m_traits.stateful |= step.scope.inside.has_value();
    ExpertList candidates(step.scope.experts);
    m_steps.push_back({std::move(step.name), std::move(step.policy),
                       ScopeFilter(std::move(step.scope)), std::move(candidates)});
  }
}

std::unique_ptr<Policy> PolicyChain::clone() const {
  auto copy = std::make_unique<PolicyChain>(std::vector<ChainStep>{});
  copy->m_traits = m_traits;
  for (const Step& step : m_steps)
    copy->m_steps.push_back({step.name, step.policy->clone(), step.filter, step.candidates});
  return copy;
}

base::Result<void> PolicyChain::begin(std::span<const LayerFacts> layers) {
  for (Step& step : m_steps) {
    for (const std::int32_t wanted : step.filter.scope().layers) {
      const bool exists = std::ranges::any_of(
          layers, [wanted](const LayerFacts& layer) { return layer.layer.value == wanted; });
      if (!exists)
        return base::fail(
            base::ErrorCode::InvalidArgument,
            fmt::format("recipe step {}: layer {} of its scope is not an MoE layer of "
                        "this model",
                        step.name, wanted));
    }
    std::vector<LayerFacts> taken;
    std::ranges::copy_if(layers, std::back_inserter(taken),
                         [&step](const LayerFacts& layer) { return step.filter.takes(layer); });
    if (auto begun = step.policy->begin(taken); !begun)
      return tl::unexpected(inStep(step.name, std::move(begun).error()));
    SY_TRY(step.candidates.resolve(step.name, taken));
  }
  return {};
}

int PolicyChain::maxK(const LayerFacts& layer) const {
  int most = layer.k;
  for (const Step& step : m_steps)
    if (step.filter.takes(layer))
      most = std::max(most, step.policy->maxK(layer));
  return most;
}

base::Result<Edit> PolicyChain::run(Step& step, const RoutingBatch& batch,
                                    RoutingDraft& draft) const {
  if (step.candidates.empty())
    return step.policy->apply(batch, draft);
  if (step.candidates.at(batch.layer).empty())
    return Edit::None;
  const std::vector<float> before = draft.choiceOffsets;
  banExperts(batch, othersThan(step.candidates.at(batch.layer), batch.layer.experts), false, draft);
  const Edit edit = SY_TRY(step.policy->apply(batch, draft));
  if (edit == Edit::Scores)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        "scope experts are for steps that choose; list the experts in this step's own "
        "options");
  draft.choiceOffsets = before;
  return edit;
}

base::Result<Edit> PolicyChain::runOnRows(Step& step, const RoutingBatch& batch,
                                          std::span<const std::int32_t> rows,
                                          RoutingDraft& draft) const {
  if (rows.size() == batch.tokens.size()) {
    const Edit edit = SY_TRY(run(step, batch, draft));
    if (edit == Edit::Scores)
      SY_TRY(reroute(batch.layer, batch.tokens, {}, draft));
    return edit;
  }
  RowSubset subset(batch, draft, rows);
  const Edit edit = SY_TRY(run(step, subset.batch(), subset.draft()));
  if (edit == Edit::Scores)
    SY_TRY(reroute(batch.layer, subset.batch().tokens, {}, subset.draft()));
  if (edit != Edit::None)
    subset.writeBack(edit == Edit::Scores, draft);
  return edit;
}

base::Result<Edit> PolicyChain::apply(const RoutingBatch& batch, RoutingDraft& draft) {
  if (draft.logits.size() != batch.modelLogits.size() ||
      draft.assignment.counts.size() != batch.tokens.size())
    return base::fail(base::ErrorCode::InvalidArgument,
                      "the draft does not fit its batch; begin it with startDraft",
                      {.layer = batch.layer.layer});
  m_selectedBy.assign(batch.tokens.size(), nullptr);
  Edit whole = Edit::None;
  for (Step& step : m_steps) {
    if (!step.filter.takes(batch.layer))
      continue;
    const std::span<const std::int32_t> rows = step.filter.rows(batch.tokens);
    if (rows.empty())
      continue;
    auto edit = runOnRows(step, batch, rows, draft);
    if (!edit)
      return tl::unexpected(inStep(step.name, std::move(edit).error()));
    if (*edit == Edit::None)
      continue;
    whole = Edit::Selection;
    m_onlyScores = m_onlyScores && *edit == Edit::Scores;
    for (const std::int32_t row : rows) {
      const Step*& earlier = m_selectedBy[static_cast<std::size_t>(row)];
      if (*edit == Edit::Scores && earlier)
        return base::fail(
            base::ErrorCode::InvalidArgument,
            fmt::format("recipe step {}: it edits scores of a token whose experts step {} "
                        "had selected; put it before that step",
                        step.name, earlier->name),
            whereOf(batch.layer, batch.tokens, static_cast<std::size_t>(row)));
      if (*edit == Edit::Selection)
        earlier = &step;
    }
  }
  return whole;
}

} // namespace switchyard::routing
