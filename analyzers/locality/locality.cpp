#include "analyzers/locality/locality.h"

#include <algorithm>
#include <numeric>

#include "analyzers/common/cells.h"

namespace switchyard::analyzers {

namespace {
constexpr std::size_t kRows = 64; ///< rows remembered: the largest lag is one less
} // namespace

std::optional<double> LayerLocality::hitRate(int capacity) const {
  const std::int64_t uses = std::accumulate(reuse.begin(), reuse.end(), firstUses);
  const auto within = reuse.begin() + std::clamp<std::ptrdiff_t>(capacity, 0, std::ssize(reuse));
  return ratio(static_cast<double>(std::accumulate(reuse.begin(), within, std::int64_t{0})),
               static_cast<double>(uses));
}

std::unique_ptr<trace::Analyzer> Locality::cloneEmpty() const {
  return std::make_unique<Locality>(m_options);
}

base::Result<void> Locality::begin(std::span<const trace::LayerInfo> layers) {
  if (std::ranges::any_of(m_options.lags, [](int lag) { return lag < 1 || lag > 63; }) ||
      std::ranges::any_of(m_options.windows, [](int window) { return window < 1; }))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "locality: 'lags' must be 1..63 and 'windows' at least 1");
  SY_TRY(m_layers.begin(layers));
  m_sequences = {};
  m_states.clear();
  for (const trace::LayerInfo& layer : layers) {
    const auto experts = static_cast<std::size_t>(layer.experts);
    LayerState state;
    state.repeats.resize(m_options.lags.size());
    state.repeatSteps.resize(m_options.lags.size());
    state.reuse.resize(experts);
    state.distinct.resize(m_options.windows.size());
    state.fullWindows.resize(m_options.windows.size());
    state.stack = LruStack(layer.experts);
    state.recent.resize(kRows * setWords(experts));
    state.open.resize(m_options.windows.size() * setWords(experts));
    m_states.push_back(std::move(state));
  }
  return {};
}

void Locality::restart(LayerState& state) const {
  state.row = 0;
  state.stack.clear();
  std::ranges::fill(state.open, 0);
}

void Locality::addRow(LayerState& state, std::span<const std::uint16_t> slots) {
  const std::int64_t row = state.row++;
  const std::size_t words = state.recent.size() / kRows;
  const std::span<std::uint64_t> set(
      state.recent.data() + static_cast<std::size_t>(row) % kRows * words, words);
  std::ranges::fill(set, 0);
  m_ids.clear();
  // Slots that are unused, or repeat an id, are no further use of an expert.
  for (const std::uint16_t id : slots) {
    if (id == trace::kNoExpert || inSet(set, id))
      continue;
    insert(set, id);
    m_ids.push_back(id);
  }
  state.firstUses += state.stack.use(m_ids, set, state.reuse.data());
  for (std::size_t i = 0; i < m_options.lags.size(); ++i) {
    const std::int64_t past = row - m_options.lags[i];
    if (past < 0)
      continue;
    ++state.repeatSteps[i];
    const std::uint64_t* then =
        state.recent.data() + static_cast<std::size_t>(past) % kRows * words;
    for (std::size_t w = 0; w < words; ++w)
      state.repeats[i] += bitsIn(set[w] & then[w]);
  }
  for (std::size_t i = 0; i < m_options.windows.size(); ++i) {
    const bool full = row % m_options.windows[i] == m_options.windows[i] - 1;
    state.fullWindows[i] += full ? 1 : 0;
    for (std::size_t w = 0; w < words; ++w) {
      std::uint64_t& open = state.open[i * words + w];
      open |= set[w];
      if (full) {
        state.distinct[i] += bitsIn(open);
        open = 0;
      }
    }
  }
}

base::Result<void> Locality::add(const trace::RoutingBlock& block) {
  SY_TRY(m_layers.check(block));
  m_sequences.note(block);
  LayerState& state = m_states[static_cast<std::size_t>(block.moeLayer)];
  if (state.sequence != block.sequence->index || state.next != block.firstToken)
    restart(state);
  state.sequence = block.sequence->index;
  state.next = block.firstToken + block.rows;
  state.tokens += block.rows;
  const auto k = static_cast<std::size_t>(block.info.k);
  for (std::size_t i = 0; i < block.ids.size(); i += k)
    addRow(state, block.ids.subspan(i, k));
  return {};
}

base::Result<void> Locality::merge(const trace::Analyzer& other) {
  const auto* that = dynamic_cast<const Locality*>(&other);
  if (that == nullptr || !(that->m_options == m_options) || !m_layers.same(that->m_layers))
    return cannotMerge(id());
  m_sequences.merge(that->m_sequences);
  const auto addTo = [](std::vector<std::int64_t>& mine, const std::vector<std::int64_t>& their) {
    for (std::size_t i = 0; i < mine.size(); ++i)
      mine[i] += their[i];
  };
  for (std::size_t l = 0; l < m_states.size(); ++l) {
    LayerState& mine = m_states[l];
    const LayerState& their = that->m_states[l];
    mine.tokens += their.tokens;
    mine.firstUses += their.firstUses;
    addTo(mine.repeats, their.repeats);
    addTo(mine.repeatSteps, their.repeatSteps);
    addTo(mine.reuse, their.reuse);
    addTo(mine.distinct, their.distinct);
    addTo(mine.fullWindows, their.fullWindows);
  }
  return {};
}

LayerLocality Locality::layer(std::size_t layer) const {
  const LayerState& state = m_states[layer];
  LayerLocality out;
  out.tokens = state.tokens;
  out.reuse = state.reuse;
  out.firstUses = state.firstUses;
  for (std::size_t i = 0; i < state.repeats.size(); ++i)
    out.repeat.push_back(
        ratio(static_cast<double>(state.repeats[i]),
              static_cast<double>(state.repeatSteps[i]) * static_cast<double>(m_layers[layer].k)));
  for (std::size_t w = 0; w < state.distinct.size(); ++w)
    out.workingSet.push_back(
        ratio(static_cast<double>(state.distinct[w]), static_cast<double>(state.fullWindows[w])));
  return out;
}

} // namespace switchyard::analyzers
