#include "core/model/route_rows.h"

#include <algorithm>
#include <limits>

#include "core/model/linear.h"
#include "core/routing/gate.h"
#include "core/routing/reroute.h"

namespace switchyard::model {

namespace {

using base::Result;
using hooks::Point;

template <typename T> void resize(std::vector<T>& buffer, std::int64_t count) {
  buffer.resize(static_cast<std::size_t>(count));
}

/// The error with the layer it happened at.
template <typename T> Result<T> atLayer(Result<T> result, int layer) {
  if (!result)
    result.error().where.layer = base::LayerId(layer);
  return result;
}

bool isRerouted(const Segment& segment) {
  return segment.routing.policy != nullptr || !segment.routing.offsets.empty();
}

bool hasPolicy(const LayerPass& pass) {
  return std::ranges::any_of(
      pass.segments, [](const Segment& segment) { return segment.routing.policy != nullptr; });
}

/// The most experts that a token of this pass can get at this layer.
int slotsOf(const LayerPass& pass) {
  int slots = pass.config.moe.gate.k;
  for (const Segment& segment : pass.segments)
    if (segment.routing.policy)
      slots = std::max(slots, segment.routing.policy->maxK(*pass.facts));
  return slots;
}

/// The checkpoint's own gate over all rows; k slots each are spread over `slots`.
Result<void> routeByGate(const LayerPass& pass, const MoeWeights& weights) {
  Workspace& work = pass.work;
  const routing::GateConfig& gate = pass.config.moe.gate;
  const bool spread = work.slots != gate.k;
  std::vector<std::int32_t>& ids = spread ? work.gateIds : work.ids;
  std::vector<float>& gateWeights = spread ? work.gateWeights : work.weights;
  std::vector<float>& raw = spread ? work.gateRawWeights : work.rawWeights;
  const bool wantsRaw = hooks::contains(pass.wanted, Point::RawWeights) || hasPolicy(pass);
  resize(ids, pass.rows * gate.k);
  resize(gateWeights, pass.rows * gate.k);
  resize(raw, wantsRaw ? pass.rows * gate.k : 0);
  SY_TRY(atLayer(routing::route(gate, work.routerLogits, weights.choiceBias,
                                {.ids = ids,
                                 .weights = gateWeights,
                                 .rawWeights = raw,
                                 .probs = work.probs,
                                 .biasedScores = work.biased}),
                 pass.layer));
  if (!spread)
    return {};
  work.ids.assign(static_cast<std::size_t>(pass.rows * work.slots), hooks::kNoExpert);
  work.weights.assign(work.ids.size(), 0.0f);
  work.rawWeights.assign(wantsRaw ? work.ids.size() : 0, 0.0f);
  for (std::int64_t row = 0; row < pass.rows; ++row) {
    std::copy_n(ids.data() + row * gate.k, gate.k, work.ids.data() + row * work.slots);
    std::copy_n(gateWeights.data() + row * gate.k, gate.k, work.weights.data() + row * work.slots);
    if (wantsRaw)
      std::copy_n(raw.data() + row * gate.k, gate.k, work.rawWeights.data() + row * work.slots);
  }
  return {};
}

/// The start of a chain as routing::startDraft makes it, from what the gate has just chosen for the
/// rows [first, first + n) of the workspace.
void startFromGate(const LayerPass& pass, std::size_t first, const routing::RoutingBatch& batch,
                   routing::RoutingDraft& draft) {
  const Workspace& work = pass.work;
  const auto k = static_cast<std::size_t>(pass.config.moe.gate.k);
  const bool spread = work.slots != pass.config.moe.gate.k;
  const std::size_t rows = batch.tokens.size();
  const auto part = [&](const auto& own, const auto& spreadOut) {
    return std::span(spread ? own : spreadOut).subspan(first * k, rows * k);
  };
  const std::span<const std::int32_t> ids = part(work.gateIds, work.ids);
  const std::span<const float> weights = part(work.gateWeights, work.weights);
  const std::span<const float> raw = part(work.gateRawWeights, work.rawWeights);
  draft.logits.assign(batch.modelLogits.begin(), batch.modelLogits.end());
  draft.choiceOffsets.clear();
  routing::Assignment& out = draft.assignment;
  out.reset(static_cast<std::int64_t>(rows), static_cast<int>(k));
  std::ranges::copy(ids, out.ids.begin());
  std::ranges::copy(weights, out.weights.begin());
  out.rawWeights.assign(raw.begin(), raw.end());
  for (std::size_t slot = 0; slot < ids.size(); ++slot)
    out.counts[slot / k] += ids[slot] != hooks::kNoExpert ? 1 : 0;
}

/// Writes a draft's selection over rows [first, first + n) of the workspace.
void store(const LayerPass& pass, std::int64_t first, const routing::Assignment& assignment) {
  Workspace& work = pass.work;
  const auto slots = static_cast<std::size_t>(work.slots);
  const auto maxK = static_cast<std::size_t>(assignment.maxK);
  for (std::size_t row = 0; row < assignment.counts.size(); ++row) {
    const std::size_t to = (static_cast<std::size_t>(first) + row) * slots;
    std::fill_n(work.ids.begin() + static_cast<std::ptrdiff_t>(to), slots, hooks::kNoExpert);
    std::fill_n(work.weights.begin() + static_cast<std::ptrdiff_t>(to), slots, 0.0f);
    const auto count = static_cast<std::size_t>(assignment.counts[row]);
    for (std::size_t rank = 0; rank < count; ++rank) {
      const std::size_t from = row * maxK + rank;
      const bool real = assignment.ids[from] < pass.config.moe.gate.experts;
      work.ids[to + rank] = real ? assignment.ids[from] : hooks::kNoExpert;
      work.weights[to + rank] = real ? assignment.weights[from] : 0.0f;
      if (!work.rawWeights.empty())
        work.rawWeights[to + rank] = assignment.rawWeights.empty()
                                         ? std::numeric_limits<float>::quiet_NaN()
                                         : assignment.rawWeights[from];
    }
  }
}

/// Routes the rows [first, first + n) of one segment again: its offsets, then its policy.
Result<void> rerouteSegment(const LayerPass& pass, const Segment& segment, std::int64_t first,
                            const float* input) {
  Workspace& work = pass.work;
  const auto experts = static_cast<std::size_t>(pass.config.moe.gate.experts);
  const auto hidden = static_cast<std::size_t>(pass.config.hidden);
  const std::size_t rows = segment.tokens.size();
  const std::size_t from = static_cast<std::size_t>(first);
  const SegmentRouting& routing = segment.routing;
  work.tokenFacts.clear();
  for (std::size_t row = 0; row < rows; ++row) {
    const hooks::RowInfo& info = work.rows[from + row];
    work.tokenFacts.push_back(
        {info.sequence, info.position, info.token, info.position.value >= routing.promptLength});
  }
  routing::RoutingBatch batch;
  batch.layer = *pass.facts;
  batch.tokens = work.tokenFacts;
  batch.modelLogits =
      std::span<const float>(work.routerLogits).subspan(from * experts, rows * experts);
  batch.seed = routing.seed;
  batch.hidden = pass.config.hidden;
  batch.input = {input + from * hidden, rows * hidden};
  if (!work.previousLogits.empty())
    batch.previousLogits =
        std::span<const float>(work.previousLogits).subspan(from * experts, rows * experts);
  routing::RoutingDraft& draft = work.draft;
  if (routing.offsets.empty()) {
    startFromGate(pass, from, batch, draft);
  } else {
    draft.logits.assign(batch.modelLogits.begin(), batch.modelLogits.end());
    draft.choiceOffsets.clear();
    const std::span<const float> offsets =
        routing.offsets.subspan(static_cast<std::size_t>(pass.facts->moeLayer) * experts, experts);
    for (std::size_t at = 0; at < draft.logits.size(); ++at)
      draft.logits[at] += offsets[at % experts];
    SY_TRY(routing::reroute(batch.layer, batch.tokens, {}, draft));
  }
  if (routing.policy) {
    const routing::Edit edit = SY_TRY(routing.policy->apply(batch, draft));
    if (edit == routing::Edit::Scores)
      SY_TRY(routing::reroute(batch.layer, batch.tokens, {}, draft));
  }
  store(pass, first, draft.assignment);
  if (!work.routedLogits.empty())
    std::ranges::copy(draft.logits,
                      work.routedLogits.begin() + static_cast<std::ptrdiff_t>(from * experts));
  return {};
}

/// Whether some policy of this pass reads what the layer before was routed with.
bool keepsLogits(const LayerPass& pass) {
  return std::ranges::any_of(pass.segments, [](const Segment& segment) {
    return segment.routing.policy && segment.routing.policy->traits().needsPreviousLogits;
  });
}

} // namespace

Result<void> routeRows(const LayerPass& pass, const MoeWeights& weights, const float* input) {
  Workspace& work = pass.work;
  const routing::GateConfig& gate = pass.config.moe.gate;
  work.slots = slotsOf(pass);
  resize(work.routerLogits, pass.rows * gate.experts);
  resize(work.ids, pass.rows * work.slots);
  resize(work.weights, pass.rows * work.slots);
  resize(work.probs, hooks::contains(pass.wanted, Point::Probs) ? pass.rows * gate.experts : 0);
  resize(work.biased,
         hooks::contains(pass.wanted, Point::BiasedScores) ? pass.rows * gate.experts : 0);
  apply(pass.context.threads, weights.router, input, pass.rows, pass.config.hidden,
        work.routerLogits.data(), gate.experts);
  SY_TRY(routeByGate(pass, weights));
  if (pass.facts->moeLayer == 0)
    work.previousLogits.clear();
  if (keepsLogits(pass))
    work.routedLogits = work.routerLogits;
  else
    work.routedLogits.clear();
  std::int64_t first = 0;
  for (const Segment& segment : pass.segments) {
    if (isRerouted(segment))
      SY_TRY(atLayer(rerouteSegment(pass, segment, first, input), pass.layer));
    first += static_cast<std::int64_t>(segment.tokens.size());
  }
  work.previousLogits.swap(work.routedLogits);
  return {};
}

} // namespace switchyard::model
