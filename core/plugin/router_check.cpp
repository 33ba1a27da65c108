#include "core/plugin/router_check.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace switchyard::plugin {

namespace {

tl::unexpected<base::Error> refuse(base::ErrorCode code, std::size_t row, std::string what) {
  return base::fail(code, fmt::format("row {}: {}", row, what));
}

base::Result<void> checkScores(const RouterOutput& output, int experts) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::size_t rows = output.counts.size();
  const auto width = static_cast<std::size_t>(experts);
  for (std::size_t row = 0; row < rows; ++row) {
    bool any = false;
    for (std::size_t e = 0; e < width; ++e) {
      const float logit = output.logits[row * width + e];
      const float offset = output.choiceOffsets[row * width + e];
      if (std::isnan(logit) || logit == kInfinity || std::isnan(offset) || offset == kInfinity)
        return refuse(base::ErrorCode::NonFinite, row,
                      fmt::format("expert {} got logit {} and choice offset {}", e, logit, offset));
      any = any || (logit != -kInfinity && offset != -kInfinity);
    }
    if (!any)
      return refuse(base::ErrorCode::NonFinite, row, "no expert is left to choose from");
  }
  return {};
}

base::Result<void> checkSelection(const RouterOutput& output, int experts) {
  std::vector<std::int64_t> seenIn(static_cast<std::size_t>(experts), -1);
  const auto maxK = static_cast<std::size_t>(output.table.max_k);
  for (std::size_t row = 0; row < output.counts.size(); ++row) {
    const std::int32_t count = output.counts[row];
    if (count < 0 || static_cast<std::size_t>(count) > maxK)
      return refuse(base::ErrorCode::InvalidArgument, row,
                    fmt::format("has {} experts, its limit is {}", count, maxK));
    for (std::size_t slot = 0; slot < static_cast<std::size_t>(count); ++slot) {
      const std::int32_t id = output.ids[row * maxK + slot];
      if (id < 0 || id >= experts)
        return refuse(base::ErrorCode::InvalidArgument, row,
                      fmt::format("selects expert {} of {}", id, experts));
      auto& seen = seenIn[static_cast<std::size_t>(id)];
      if (seen == static_cast<std::int64_t>(row))
        return refuse(base::ErrorCode::InvalidArgument, row,
                      fmt::format("selects expert {} twice", id));
      seen = static_cast<std::int64_t>(row);
      if (const float weight = output.weights[row * maxK + slot]; !std::isfinite(weight))
        return refuse(base::ErrorCode::NonFinite, row,
                      fmt::format("gives expert {} the weight {}", id, weight));
    }
  }
  return {};
}

base::Result<std::vector<routing::Drop>> checkedDrops(const RouterOutput& output, int experts) {
  const std::int64_t count = output.table.drop_count;
  if (count < 0 || count > static_cast<std::int64_t>(output.drops.size()))
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("says {} drops, the limit is {}", count, output.drops.size()));
  std::vector<routing::Drop> drops;
  for (std::int64_t i = 0; i < count; ++i) {
    const sy_drop& drop = output.drops[static_cast<std::size_t>(i)];
    const bool sorted = drops.empty() || drops.back().row < drop.row ||
                        (drops.back().row == drop.row && drops.back().rank < drop.rank);
    if (drop.row < 0 || static_cast<std::size_t>(drop.row) >= output.counts.size() ||
        drop.rank < 0 || drop.expert < 0 || drop.expert >= experts || !sorted)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("drop {} (row {}, rank {}, expert {}) is out of range or order",
                                    i, drop.row, drop.rank, drop.expert));
    drops.push_back({drop.row, drop.rank, drop.expert});
  }
  return drops;
}

/// As many slots as the plugin's rows have, or as it says it needs.
void takeSelection(const RouterOutput& output, int ownK, routing::Assignment& assignment) {
  const auto stride = static_cast<std::size_t>(output.table.max_k);
  int slots = ownK;
  for (const std::int32_t count : output.counts)
    slots = std::max(slots, count);
  assignment.reset(static_cast<std::int64_t>(output.counts.size()), slots);
  assignment.rawWeights.assign(assignment.weights.size(), 0.0f);
  bool rawKnown = true;
  for (std::size_t row = 0; row < output.counts.size(); ++row)
    for (std::size_t slot = 0; slot < static_cast<std::size_t>(output.counts[row]); ++slot) {
      const std::size_t from = row * stride + slot;
      const std::size_t to = row * static_cast<std::size_t>(slots) + slot;
      assignment.push(static_cast<std::int64_t>(row), output.ids[from], output.weights[from]);
      assignment.rawWeights[to] = output.rawWeights[from];
      rawKnown = rawKnown && std::isfinite(output.rawWeights[from]);
    }
  if (!rawKnown)
    assignment.rawWeights.clear();
}

} // namespace

base::Result<routing::Edit> takeRouterOutput(const RouterOutput& output, int experts,
                                             int virtualExperts, int ownK,
                                             routing::RoutingDraft& draft) {
  switch (output.table.edit) {
  case SY_EDIT_NONE:
    return routing::Edit::None;
  case SY_EDIT_SCORES:
    SY_TRY(checkScores(output, experts));
    draft.logits = output.logits;
    draft.choiceOffsets =
        std::ranges::all_of(output.choiceOffsets, [](float offset) { return offset == 0.0f; })
            ? std::vector<float>()
            : output.choiceOffsets;
    return routing::Edit::Scores;
  case SY_EDIT_SELECTION: {
    SY_TRY(checkSelection(output, experts + virtualExperts));
    auto drops = SY_TRY(checkedDrops(output, experts + virtualExperts));
    takeSelection(output, ownK, draft.assignment);
    draft.assignment.drops = std::move(drops);
    return routing::Edit::Selection;
  }
  default:
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("apply() says it changed {}, which is none of SY_EDIT_...", output.table.edit));
  }
}

} // namespace switchyard::plugin
