#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/routing/policy.h"

namespace switchyard::routing {

/// One token as a step that chooses by itself sees it.
struct ChoiceRow {
  const LayerFacts& layer;
  const TokenFacts& token;
  std::int64_t row = 0;
  std::span<const float> logits; ///< [E]
  std::span<const float> scores; ///< [E] sigmoid for sigmoid gates, else softmax; the raw weights
  std::span<const float> shares; ///< [E] scores that sum to 1: scores, or sigmoid / its sum
  std::span<const std::int32_t> open; ///< ascending ids whose choice offset is not -inf
};

/// The ids of `open` with the `count` largest values, by falling value, ties: lower id.
std::vector<std::int32_t> largest(std::span<const std::int32_t> open, std::span<const float> values,
                                  std::size_t count);

/// Whether the checkpoint's own weights sum to a constant.
bool renormalises(const GateConfig& gate);

/// Gives a row these experts; weights are divided by their sum first if `renorm` (a zero sum
/// stays), then multiplied by the gate's scale.
void give(const ChoiceRow& row, std::span<const std::int32_t> ids, std::span<const float> weights,
          bool renorm, Assignment& out);

/// Calls choose(ChoiceRow, Assignment&) for every row of the batch, after checking the logits and
/// emptying draft.assignment. choose returns Result<void>.
/// Errors: as checkLogits; InvalidArgument for a row without any open expert; choose's.
template <typename Choose>
base::Result<Edit> chooseRows(const RoutingBatch& batch, RoutingDraft& draft, int maxK,
                              const Choose& choose);

/// The part of chooseRows that does not depend on the step.
class RowScores {
public:
  RowScores(const RoutingBatch& batch, const RoutingDraft& draft);
  base::Result<void> check() const;
  base::Result<ChoiceRow> at(std::int64_t row);

private:
  const RoutingBatch& m_batch;
  const RoutingDraft& m_draft;
  std::vector<float> m_scores, m_shares;
  std::vector<std::int32_t> m_open;
};

template <typename Choose>
base::Result<Edit> chooseRows(const RoutingBatch& batch, RoutingDraft& draft, int maxK,
                              const Choose& choose) {
  RowScores rows(batch, draft);
  SY_TRY(rows.check());
  const auto count = static_cast<std::int64_t>(batch.tokens.size());
  draft.assignment.reset(count, maxK);
  for (std::int64_t row = 0; row < count; ++row) {
    const ChoiceRow view = SY_TRY(rows.at(row));
    SY_TRY(choose(view, draft.assignment));
  }
  return Edit::Selection;
}

} // namespace switchyard::routing
