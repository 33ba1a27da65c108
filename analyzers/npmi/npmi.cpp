#include "analyzers/npmi/npmi.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/common/cells.h"
#include "analyzers/statistics/multiple_testing.h"
#include "core/base/rng.h"

namespace switchyard::analyzers {

using base::ErrorCode;

bool NpmiOptions::operator==(const NpmiOptions& other) const {
  return markers == other.markers && position == other.position &&
         support.minExpert == other.support.minExpert && support.minBoth == other.support.minBoth &&
         top == other.top && controls == other.controls && alpha == other.alpha &&
         seed == other.seed;
}

std::unique_ptr<trace::Analyzer> Npmi::cloneEmpty() const {
  return std::make_unique<Npmi>(m_options);
}

base::Result<void> Npmi::begin(std::span<const trace::LayerInfo> layers) {
  const auto broken = [](const Marker& marker) {
    return marker.spellings.empty() || !std::isfinite(marker.coefficient) ||
           std::ranges::any_of(marker.spellings, [](const auto& ids) { return ids.empty(); });
  };
  if (m_options.markers.empty())
    return base::fail(ErrorCode::InvalidArgument, "npmi: give at least one marker");
  for (const Marker& marker : m_options.markers) {
    if (broken(marker))
      return base::fail(
          ErrorCode::InvalidArgument,
          fmt::format("npmi: marker '{}' needs token ids and a finite coefficient", marker.name));
  }
  if (m_options.top < 0 || m_options.controls < 0 || !(m_options.alpha > 0 && m_options.alpha < 1))
    return base::fail(ErrorCode::InvalidArgument,
                      "npmi: 'top' and 'controls' must be >= 0 and 'alpha' between 0 and 1");
  SY_TRY(m_layers.begin(layers));
  m_sequences = {};
  m_hits = {};
  m_states.clear();
  for (const trace::LayerInfo& layer : layers) {
    const std::size_t stride = static_cast<std::size_t>(layer.experts) + 1;
    LayerState state;
    state.marked.resize(m_options.markers.size());
    state.uses = CountTable(stride);
    state.both = CountTable(stride * m_options.markers.size());
    m_states.push_back(std::move(state));
  }
  return {};
}

void Npmi::find(const trace::RoutingBlock& block) {
  const std::vector<std::int32_t>& tokens = block.sequence->tokens;
  if (m_hits.sequence == block.sequence->index && m_hits.first == block.firstToken &&
      m_hits.rows == block.rows && m_hits.length == tokens.size())
    return;
  m_hits.sequence = block.sequence->index;
  m_hits.first = block.firstToken;
  m_hits.rows = block.rows;
  m_hits.length = tokens.size();
  m_hits.positions.resize(m_options.markers.size());
  for (std::size_t m = 0; m < m_options.markers.size(); ++m)
    findMarker(m_options.markers[m], m_options.position, tokens, block.firstToken, block.rows,
               m_hits.positions[m]);
}

base::Result<void> Npmi::add(const trace::RoutingBlock& block) {
  SY_TRY(m_layers.check(block));
  m_sequences.note(block);
  find(block);
  LayerState& state = m_states[static_cast<std::size_t>(block.moeLayer)];
  const auto unused = static_cast<std::uint16_t>(block.info.experts);
  const auto k = static_cast<std::size_t>(block.info.k);
  const auto most = static_cast<std::uint64_t>(block.rows) * k;
  state.tokens += block.rows;
  state.uses.reserve(most);
  state.both.reserve(most);
  for (std::uint16_t id : block.ids)
    ++state.uses.hot()[std::min(id, unused)];
  for (std::size_t m = 0; m < m_hits.positions.size(); ++m) {
    std::uint32_t* both = state.both.hot() + m * (std::size_t{unused} + 1);
    state.marked[m] += static_cast<std::int64_t>(m_hits.positions[m].size());
    for (std::int64_t position : m_hits.positions[m]) {
      const std::size_t row = static_cast<std::size_t>(position - block.firstToken);
      for (std::uint16_t id : block.ids.subspan(row * k, k))
        ++both[std::min(id, unused)];
    }
  }
  return {};
}

base::Result<void> Npmi::merge(const trace::Analyzer& other) {
  const auto* that = dynamic_cast<const Npmi*>(&other);
  if (that == nullptr || !(that->m_options == m_options) || !m_layers.same(that->m_layers))
    return cannotMerge(id());
  m_sequences.merge(that->m_sequences);
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    m_states[l].tokens += that->m_states[l].tokens;
    m_states[l].uses.merge(that->m_states[l].uses);
    m_states[l].both.merge(that->m_states[l].both);
    for (std::size_t m = 0; m < m_states[l].marked.size(); ++m)
      m_states[l].marked[m] += that->m_states[l].marked[m];
  }
  return {};
}

base::Result<std::vector<std::vector<MarkerExpert>>> Npmi::associations(std::size_t marker) const {
  std::vector<std::vector<MarkerExpert>> out(m_states.size());
  std::vector<double> tested;
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    const LayerState& state = m_states[l];
    const auto experts = static_cast<std::size_t>(m_layers[l].experts);
    for (std::size_t e = 0; e < experts; ++e) {
      MarkerExpert pair;
      pair.counts = {state.tokens, state.marked[marker],
                     static_cast<std::int64_t>(state.uses.at(e)),
                     static_cast<std::int64_t>(state.both.at(marker * (experts + 1) + e))};
      const auto association =
          SY_TRY(statistics::markerAssociation(pair.counts, m_options.support));
      pair.npmi = association.npmi;
      pair.supported = association.supported;
      if (association.atLeast && association.npmi) {
        pair.p = association.atLeast->p;
        tested.push_back(*pair.p);
      }
      out[l].push_back(pair);
    }
  }
  const std::vector<double> adjusted =
      SY_TRY(statistics::adjustPValues(tested, statistics::Correction::BenjaminiHochberg));
  std::size_t next = 0;
  for (auto& layer : out) {
    for (MarkerExpert& pair : layer) {
      if (pair.p)
        pair.adjustedP = adjusted[next++];
    }
  }
  return out;
}

base::Result<std::vector<RankedExpert>> Npmi::ranking() const {
  std::vector<std::vector<std::optional<RankedExpert>>> scores(m_states.size());
  for (std::size_t m = 0; m < m_options.markers.size(); ++m) {
    const auto pairs = SY_TRY(associations(m));
    const double coefficient = m_options.markers[m].coefficient;
    for (std::size_t l = 0; l < pairs.size(); ++l) {
      scores[l].resize(pairs[l].size());
      for (std::size_t e = 0; e < pairs[l].size(); ++e) {
        const MarkerExpert& pair = pairs[l][e];
        std::optional<RankedExpert>& expert = scores[l][e];
        if (m == 0)
          expert = RankedExpert{l, static_cast<int>(e), pair.counts.expert, 0, false, false};
        if (!pair.npmi)
          expert.reset();
        if (!expert)
          continue;
        expert->score += coefficient * *pair.npmi;
        if (coefficient > 0 && pair.supported) {
          expert->supported = true;
          expert->significant |= statistics::rejects(pair.adjustedP.value_or(1), m_options.alpha);
        }
      }
    }
  }
  std::vector<RankedExpert> ranked;
  for (const auto& layer : scores) {
    for (const auto& expert : layer) {
      if (expert)
        ranked.push_back(*expert);
    }
  }
  std::ranges::stable_sort(
      ranked, [](const RankedExpert& a, const RankedExpert& b) { return a.score > b.score; });
  return ranked;
}

std::vector<MatchedControls> Npmi::recommended(const std::vector<RankedExpert>& ranking) const {
  std::vector<MatchedControls> out;
  for (const RankedExpert& expert : ranking) {
    if (static_cast<int>(out.size()) < m_options.top && expert.supported && expert.score > 0)
      out.push_back({expert, {}, {}, {}});
  }
  const auto isChosen = [&](const RankedExpert& e) {
    return std::ranges::any_of(out, [&](const MatchedControls& c) {
      return c.expert.moeLayer == e.moeLayer && c.expert.expert == e.expert;
    });
  };
  for (std::size_t i = 0; i < out.size(); ++i) {
    // Candidates: the experts nearest in use, twice as many as are drawn.
    std::vector<RankedExpert> candidates;
    std::ranges::copy_if(ranking, std::back_inserter(candidates),
                         [&](const RankedExpert& e) { return !isChosen(e); });
    const auto distance = [&](const RankedExpert& e) {
      return std::fabs(
          std::log(static_cast<double>(e.uses) / static_cast<double>(out[i].expert.uses)));
    };
    std::ranges::stable_sort(candidates, [&](const RankedExpert& a, const RankedExpert& b) {
      return distance(a) < distance(b);
    });
    const auto wanted = static_cast<std::size_t>(m_options.controls);
    candidates.resize(std::min(candidates.size(), 2 * wanted));
    base::Rng rng(m_options.seed, i);
    double sum = 0, exceeding = 1;
    while (!candidates.empty() && out[i].controls.size() < wanted) {
      const auto drawn = static_cast<std::ptrdiff_t>(rng.nextBelow(candidates.size()));
      const RankedExpert control = candidates[static_cast<std::size_t>(drawn)];
      candidates.erase(candidates.begin() + drawn);
      out[i].controls.push_back(control);
      sum += control.score;
      exceeding += control.score >= out[i].expert.score ? 1 : 0;
    }
    const auto drawn = static_cast<double>(out[i].controls.size());
    out[i].meanScore = ratio(sum, drawn);
    if (drawn > 0)
      out[i].exceedance = exceeding / (1 + drawn);
  }
  return out;
}

} // namespace switchyard::analyzers
