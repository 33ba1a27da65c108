#include "core/routing/policies/score_edits.h"

#include <limits>

#include <fmt/format.h>

namespace switchyard::routing {

std::vector<float>& choiceOffsetsOf(RoutingDraft& draft) {
  if (draft.choiceOffsets.empty())
    draft.choiceOffsets.assign(draft.logits.size(), 0.0f);
  return draft.choiceOffsets;
}

void banExperts(const RoutingBatch& batch, std::span<const std::int32_t> experts, bool logitsToo,
                RoutingDraft& draft) {
  constexpr float kNegativeInfinity = -std::numeric_limits<float>::infinity();
  std::vector<float>& offsets = choiceOffsetsOf(draft);
  const auto width = static_cast<std::size_t>(batch.layer.experts);
  for (std::size_t row = 0; row < batch.tokens.size(); ++row)
    for (const std::int32_t id : experts) {
      const std::size_t cell = row * width + static_cast<std::size_t>(id);
      offsets[cell] = kNegativeInfinity;
      if (logitsToo)
        draft.logits[cell] = kNegativeInfinity;
    }
}

base::Result<void> requireOpenExpert(std::string_view step, const LayerFacts& layer,
                                     std::size_t banned) {
  if (banned >= static_cast<std::size_t>(layer.experts))
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("step '{}': all {} experts are banned; leave at least one", step,
                                  layer.experts),
                      {.layer = layer.layer});
  return {};
}

} // namespace switchyard::routing
