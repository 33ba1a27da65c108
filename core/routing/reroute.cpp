#include "core/routing/reroute.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/routing/gate_steps.h"
#include "core/routing/scoring.h"

namespace switchyard::routing {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr float kNegativeInfinity = -std::numeric_limits<float>::infinity();

/// Routes one row after another.
class RowRouter {
public:
  RowRouter(const LayerFacts& layer, const RerouteOptions& options, std::size_t maxK,
            RowScratch& scratch)
      : m_gate(*layer.gate), m_bias(layer.choiceBias), m_forced(options.forced), m_row(scratch) {
    for (std::vector<float>* values : {&m_row.probs, &m_row.choice, &m_row.masked})
      values->resize(experts());
    m_row.groupScores.resize(static_cast<std::size_t>(m_gate.groups));
    m_row.order.resize(experts());
    m_row.ids.resize(maxK);
    m_row.weights.resize(maxK);
  }

  /// Returns how many experts were selected; ids() and raw() hold them.
  std::size_t run(std::span<const float> logits, std::span<const float> offsets, std::size_t k) {
    return m_gate.score == Score::SparseMixer ? sparseMixer(logits, offsets, k)
                                              : topK(logits, offsets, k);
  }

  std::span<const std::int32_t> ids() const { return m_row.ids; }
  std::span<float> weights() { return m_row.weights; }

private:
  std::size_t experts() const { return static_cast<std::size_t>(m_gate.experts); }

  static bool banned(std::span<const float> offsets, std::size_t e) {
    return !offsets.empty() && offsets[e] == kNegativeInfinity;
  }

  std::size_t sparseMixer(std::span<const float> logits, std::span<const float> offsets,
                          std::size_t k) {
    std::ranges::copy(logits, m_row.masked.begin());
    for (std::size_t e = 0; e < m_row.masked.size(); ++e)
      if (banned(offsets, e))
        m_row.masked[e] = kNegativeInfinity;
    std::int32_t ids[2];
    float weights[2];
    sparseMixerRow(m_gate, m_row.masked, ids, weights, m_row.order);
    std::size_t count = 0;
    while (count < std::min<std::size_t>(k, 2) && ids[count] >= 0) {
      m_row.ids[count] = ids[count];
      m_row.weights[count] = weights[count];
      ++count;
    }
    return count;
  }

  std::size_t topK(std::span<const float> logits, std::span<const float> offsets, std::size_t k) {
    const bool byLogit = m_gate.score == Score::SoftmaxSelected;
    scoreRow(m_gate, logits, m_row.probs);
    const std::span<const float> source = byLogit ? logits : std::span<const float>(m_row.probs);
    std::ranges::copy(source, m_row.choice.begin());
    for (std::size_t e = 0; e < m_bias.size(); ++e)
      m_row.choice[e] += m_bias[e];
    for (std::size_t e = 0; e < offsets.size(); ++e)
      m_row.choice[e] += offsets[e];
    const bool grouped = m_gate.groupScore != GroupScore::None && m_gate.groupsKept < m_gate.groups;
    if (grouped)
      maskGroups(m_gate, m_row.choice, m_row.groupScores, m_row.order);

    std::size_t count = 0;
    for (const std::int32_t id : m_forced)
      m_row.ids[count++] = id;
    // -inf logits stay selectable where logits are ranked, unless a group lost with them.
    std::size_t allowed = 0;
    for (std::size_t e = 0; e < m_row.choice.size(); ++e) {
      const auto id = static_cast<std::int32_t>(e);
      const bool open = !banned(offsets, e) &&
                        (m_row.choice[e] > kNegativeInfinity || (byLogit && !grouped)) &&
                        !std::ranges::binary_search(m_forced, id);
      if (open)
        m_row.order[allowed++] = id;
    }
    const std::size_t wanted = std::min(k - count, allowed);
    const auto better = [this](std::int32_t a, std::int32_t b) {
      const float left = m_row.choice[static_cast<std::size_t>(a)];
      const float right = m_row.choice[static_cast<std::size_t>(b)];
      return left != right ? left > right : a < b;
    };
    const auto begin = m_row.order.begin();
    std::partial_sort(begin, begin + static_cast<std::ptrdiff_t>(wanted),
                      begin + static_cast<std::ptrdiff_t>(allowed), better);
    for (std::size_t i = 0; i < wanted; ++i)
      m_row.ids[count++] = m_row.order[i];

    const std::span<float> weights = std::span(m_row.weights).first(count);
    for (std::size_t rank = 0; rank < count; ++rank)
      weights[rank] = source[static_cast<std::size_t>(m_row.ids[rank])];
    if (byLogit && count > 0)
      softmax(weights, weights);
    return count;
  }

  const GateConfig& m_gate;
  std::span<const float> m_bias;
  std::span<const std::int32_t> m_forced;
  RowScratch& m_row;
};

Result<void> checkForced(const LayerFacts& layer, std::span<const TokenFacts> tokens,
                         std::span<const std::int32_t> forced, const RoutingDraft& draft,
                         std::size_t row) {
  const auto experts = static_cast<std::size_t>(layer.experts);
  for (const std::int32_t id : forced) {
    const std::size_t cell = row * experts + static_cast<std::size_t>(id);
    const bool banned =
        draft.logits[cell] == kNegativeInfinity ||
        (!draft.choiceOffsets.empty() && draft.choiceOffsets[cell] == kNegativeInfinity);
    if (banned)
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("expert {} is forced and banned at once; drop one of the two steps", id),
          whereOf(layer, tokens, row));
  }
  return {};
}

} // namespace

base::Where whereOf(const LayerFacts& layer, std::span<const TokenFacts> tokens, std::size_t row) {
  return {.layer = layer.layer, .token = tokens[row].position};
}

Result<void> checkLogits(const LayerFacts& layer, std::span<const TokenFacts> tokens,
                         std::span<const float> logits) {
  const auto experts = static_cast<std::size_t>(layer.experts);
  if (logits.size() != tokens.size() * experts)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} router logits do not fit {} tokens of {} experts", logits.size(),
                            tokens.size(), experts),
                {.layer = layer.layer});
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    const auto z = logits.subspan(row * experts, experts);
    const bool bad = std::ranges::any_of(
        z, [](float value) { return !(value < std::numeric_limits<float>::infinity()); });
    if (bad || std::ranges::all_of(z, [](float value) { return value == kNegativeInfinity; }))
      return fail(ErrorCode::NonFinite,
                  fmt::format("the router logits of row {} {}; no expert can be chosen", row,
                              bad ? "hold NaN or +infinity" : "are all -infinity"),
                  whereOf(layer, tokens, row));
  }
  return {};
}

Result<void> reroute(const LayerFacts& layer, std::span<const TokenFacts> tokens,
                     const RerouteOptions& options, RoutingDraft& draft) {
  const auto experts = static_cast<std::size_t>(layer.experts);
  int k = options.k > 0 ? options.k : layer.gate->k;
  int smallestK = k;
  if (!options.kOfRow.empty()) {
    k = *std::ranges::max_element(options.kOfRow);
    smallestK = *std::ranges::min_element(options.kOfRow);
  }
  const bool sparseMixer = layer.gate->score == Score::SparseMixer;
  if (sparseMixer && (k > 2 || !options.forced.empty()))
    return fail(
        ErrorCode::Unsupported,
        "SparseMixer picks one or two experts by its own rule; k above 2 and forced experts "
        "do not exist for it",
        {.layer = layer.layer});
  const bool rowsFit = options.kOfRow.empty() || options.kOfRow.size() == tokens.size();
  if (!rowsFit || smallestK < 1 || k > layer.experts ||
      options.forced.size() > static_cast<std::size_t>(smallestK) ||
      !(draft.choiceOffsets.empty() || draft.choiceOffsets.size() == draft.logits.size()))
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("k = {} to {} with {} forced of {} experts, and {} choice offsets for {} "
                    "logits, do not fit",
                    smallestK, k, options.forced.size(), experts, draft.choiceOffsets.size(),
                    draft.logits.size()),
        {.layer = layer.layer});
  SY_TRY(checkLogits(layer, tokens, draft.logits));

  RowRouter router(layer, options, static_cast<std::size_t>(k), draft.scratch);
  Assignment& out = draft.assignment;
  out.reset(static_cast<std::int64_t>(tokens.size()), k);
  out.rawWeights.assign(out.weights.size(), 0.0f);
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    SY_TRY(checkForced(layer, tokens, options.forced, draft, row));
    const auto z = std::span<const float>(draft.logits).subspan(row * experts, experts);
    const auto offsets =
        draft.choiceOffsets.empty()
            ? std::span<const float>()
            : std::span<const float>(draft.choiceOffsets).subspan(row * experts, experts);
    const int rowK = options.kOfRow.empty() ? k : options.kOfRow[row];
    const std::size_t count = router.run(z, offsets, static_cast<std::size_t>(rowK));
    if (count == 0)
      return fail(ErrorCode::InvalidArgument,
                  "every expert is banned; leave at least one that can be chosen",
                  whereOf(layer, tokens, row));
    const std::size_t slot = row * static_cast<std::size_t>(k);
    const std::span<float> weights = router.weights().first(count);
    std::ranges::copy(router.ids().first(count),
                      out.ids.begin() + static_cast<std::ptrdiff_t>(slot));
    std::ranges::copy(weights, out.rawWeights.begin() + static_cast<std::ptrdiff_t>(slot));
    normaliseWeights(*layer.gate, weights);
    std::ranges::copy(weights, out.weights.begin() + static_cast<std::ptrdiff_t>(slot));
    out.counts[row] = static_cast<std::int32_t>(count);
  }
  return {};
}

Result<void> startDraft(const RoutingBatch& batch, RoutingDraft& draft) {
  draft.logits.assign(batch.modelLogits.begin(), batch.modelLogits.end());
  draft.choiceOffsets.clear();
  return reroute(batch.layer, batch.tokens, {}, draft);
}

} // namespace switchyard::routing
