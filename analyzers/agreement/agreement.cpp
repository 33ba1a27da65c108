#include "analyzers/agreement/agreement.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/statistics/distances.h"

namespace switchyard::analyzers {

using base::ErrorCode;
using base::fail;

base::Result<void> Agreement::begin(std::span<const trace::LayerInfo> a,
                                    std::span<const trace::LayerInfo> b) {
  SY_TRY(m_layers.begin(a));
  SY_TRY(m_layersB.begin(b));
  const bool alike =
      std::ranges::equal(a, b, [](const trace::LayerInfo& x, const trace::LayerInfo& y) {
        return x.experts == y.experts && x.k == y.k;
      });
  if (!alike)
    return fail(ErrorCode::InvalidArgument,
                "agreement: the two traces differ in their number of MoE layers, experts or top-k");
  m_sequences = {};
  m_states.clear();
  std::size_t most = 0;
  for (const trace::LayerInfo& layer : a) {
    const std::size_t cells = static_cast<std::size_t>(layer.experts) + 1;
    LayerState state;
    state.overlaps.resize(static_cast<std::size_t>(layer.k));
    state.loadA.resize(cells);
    state.loadB.resize(cells);
    m_states.push_back(std::move(state));
    most = std::max(most, cells);
  }
  m_rankInB.assign(most, -1);
  return {};
}

void Agreement::addRow(LayerState& state, const trace::RoutingBlock& a,
                       const trace::RoutingBlock& b, std::size_t row) {
  const auto k = static_cast<std::size_t>(a.info.k);
  const auto unused = static_cast<std::uint16_t>(a.info.experts);
  const auto idsA = a.ids.subspan(row * k, k), idsB = b.ids.subspan(row * k, k);
  std::int64_t* const loadA = state.loadA.data();
  std::int64_t* const loadB = state.loadB.data();
  std::int32_t* const rankInB = m_rankInB.data();
  for (std::size_t r = 0; r < k; ++r) {
    ++loadB[std::min(idsB[r], unused)];
    if (idsB[r] != trace::kNoExpert)
      rankInB[idsB[r]] = static_cast<std::int32_t>(r);
  }
  const bool weights = !a.weights.empty() && !b.weights.empty();
  WeightSum minWeights;
  std::int64_t common = 0, shifts = 0, usedA = 0, usedB = 0;
  for (std::size_t r = 0; r < k; ++r) {
    ++loadA[std::min(idsA[r], unused)];
    usedA += idsA[r] != trace::kNoExpert ? 1 : 0;
    usedB += idsB[r] != trace::kNoExpert ? 1 : 0;
    const std::int32_t other = idsA[r] == trace::kNoExpert ? -1 : rankInB[idsA[r]];
    if (other < 0)
      continue;
    ++common;
    shifts += std::abs(static_cast<std::int32_t>(r) - other);
    // Both are among the first m from m = max(rank) + 1 on.
    ++state.overlaps[std::max(r, static_cast<std::size_t>(other))];
    if (weights)
      minWeights.add(static_cast<double>(
          std::min(a.weights[row * k + r], b.weights[row * k + static_cast<std::size_t>(other)])));
  }
  state.minWeights.add(minWeights);
  state.common += common;
  state.shifts += shifts;
  state.identical += common == usedA && common == usedB ? 1 : 0;
  state.weighted += weights ? 1 : 0;
  for (std::uint16_t id : idsB)
    rankInB[std::min(id, unused)] = -1;
}

void Agreement::addLogits(LayerState& state, const trace::RoutingBlock& a,
                          const trace::RoutingBlock& b) {
  const auto experts = static_cast<std::size_t>(a.info.experts);
  std::vector<float> p(experts), q(experts);
  for (std::size_t r = 0; r < static_cast<std::size_t>(a.rows); ++r) {
    if (!probabilitiesOf(a.logits.subspan(r * experts, experts), m_options.probabilities, p) ||
        !probabilitiesOf(b.logits.subspan(r * experts, experts), m_options.probabilities, q))
      continue;
    // JS = H((p+q)/2) - (H(p) + H(q)) / 2.
    const float sides = shannonEntropy(p, 0) + shannonEntropy(q, 0);
    for (std::size_t e = 0; e < experts; ++e)
      p[e] = (p[e] + q[e]) * 0.5f;
    state.divergence.add(std::max(0.0, static_cast<double>(shannonEntropy(p, 0)) -
                                           0.5 * static_cast<double>(sides)));
    ++state.withLogits;
  }
}

base::Result<void> Agreement::add(const trace::RoutingBlock& a, const trace::RoutingBlock& b) {
  SY_TRY(m_layers.check(a));
  SY_TRY(m_layersB.check(b));
  const base::Where where{.layer = base::LayerId(a.info.layer)};
  if (a.moeLayer != b.moeLayer || a.rows != b.rows || a.firstToken != b.firstToken)
    return fail(ErrorCode::InvalidArgument, "agreement: the two blocks cover different tokens",
                where);
  const auto& tokensA = a.sequence->tokens;
  const auto& tokensB = b.sequence->tokens;
  for (std::int64_t t = a.firstToken; t < a.firstToken + a.rows; ++t) {
    const auto at = static_cast<std::size_t>(t);
    const bool inA = at < tokensA.size(), inB = at < tokensB.size();
    if (inA != inB || (inA && tokensA[at] != tokensB[at]))
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("agreement: sequence {} has different tokens in the two traces; record "
                      "both from the same token ids",
                      a.sequence->index),
          {.token = base::TokenPos(t)});
  }
  m_sequences.note(a);
  LayerState& state = m_states[static_cast<std::size_t>(a.moeLayer)];
  state.tokens += a.rows;
  for (std::size_t r = 0; r < static_cast<std::size_t>(a.rows); ++r)
    addRow(state, a, b, r);
  if (!a.logits.empty() && !b.logits.empty())
    addLogits(state, a, b);
  return {};
}

base::Result<void> Agreement::merge(const Agreement& other) {
  if (!(other.m_options == m_options) || !m_layers.same(other.m_layers))
    return cannotMerge("agreement");
  m_sequences.merge(other.m_sequences);
  const auto addTo = [](std::vector<std::int64_t>& mine, const std::vector<std::int64_t>& their) {
    for (std::size_t i = 0; i < mine.size(); ++i)
      mine[i] += their[i];
  };
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    LayerState& mine = m_states[l];
    const LayerState& their = other.m_states[l];
    mine.tokens += their.tokens;
    mine.identical += their.identical;
    mine.weighted += their.weighted;
    mine.withLogits += their.withLogits;
    mine.common += their.common;
    mine.shifts += their.shifts;
    addTo(mine.overlaps, their.overlaps);
    addTo(mine.loadA, their.loadA);
    addTo(mine.loadB, their.loadB);
    mine.minWeights.add(their.minWeights);
    mine.divergence.add(their.divergence);
  }
  return {};
}

LayerAgreement Agreement::layer(std::size_t layer) const {
  const LayerState& state = m_states[layer];
  LayerAgreement out;
  out.tokens = state.tokens;
  if (state.tokens == 0)
    return out;
  const auto n = static_cast<double>(state.tokens);
  std::int64_t overlap = 0;
  for (std::size_t m = 0; m < state.overlaps.size(); ++m) {
    overlap += state.overlaps[m];
    out.agreement.push_back(static_cast<double>(overlap) / (n * static_cast<double>(m + 1)));
  }
  out.identical = static_cast<double>(state.identical) / n;
  if (state.weighted == state.tokens)
    out.weighted = state.minWeights.value() / n;
  out.rankShift = ratio(static_cast<double>(state.shifts), static_cast<double>(state.common));
  const std::vector<double> a(state.loadA.begin(), state.loadA.end() - 1);
  const std::vector<double> b(state.loadB.begin(), state.loadB.end() - 1);
  if (const auto d = statistics::distances(a, b); d && *d)
    out.loadDistance = (*d)->jsDistance;
  if (state.withLogits == state.tokens)
    out.tokenDivergence = state.divergence.value() / n;
  return out;
}

} // namespace switchyard::analyzers
