#include "app/studio/live/track.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace switchyard::studio {

namespace {
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
}

trace::LayerInfo TrackShape::widest() const {
  trace::LayerInfo widest;
  for (const trace::LayerInfo& layer : layers) {
    widest.experts = std::max(widest.experts, layer.experts);
    widest.k = std::max(widest.k, layer.k);
  }
  return widest;
}

TokenRouting::TokenRouting(const TrackShape& shape) {
  const std::size_t layers = shape.layers.size();
  const auto k = static_cast<std::size_t>(shape.widest().k);
  ids.assign(layers * k, trace::kNoExpert);
  if (shape.weights)
    weights.assign(layers * k, 0.0f);
  if (shape.logits) {
    entropy.assign(layers, kUnknown);
    margin.assign(layers, kUnknown);
  }
  if (shape.agreement)
    agreement.assign(layers, kUnknown);
}

Track::Track(TrackShape shape, std::int64_t begin)
    : m_shape(std::move(shape)), m_k(m_shape.widest().k), m_experts(m_shape.widest().experts),
      m_begin(begin), m_end(begin) {}

bool Track::has(std::int64_t position) const {
  return contains(position) && m_present[row(position)] != 0;
}

void Track::append(const TokenRouting& routing) {
  assert(routing.position >= m_end);
  const TokenRouting lost(m_shape);
  for (; m_end <= routing.position; ++m_end) {
    const bool present = m_end == routing.position;
    const TokenRouting& from = present ? routing : lost;
    m_tokens.push_back(from.token);
    m_present.push_back(present ? 1 : 0);
    m_ids.insert(m_ids.end(), from.ids.begin(), from.ids.end());
    m_weights.insert(m_weights.end(), from.weights.begin(), from.weights.end());
    m_entropy.insert(m_entropy.end(), from.entropy.begin(), from.entropy.end());
    m_margin.insert(m_margin.end(), from.margin.begin(), from.margin.end());
    m_agreement.insert(m_agreement.end(), from.agreement.begin(), from.agreement.end());
  }
  if (routing.next)
    m_next[routing.position] = *routing.next;
}

void Track::truncate(std::int64_t end) {
  end = std::clamp(end, m_begin, m_end);
  m_end = end;
  const std::size_t rows = row(end);
  const std::size_t perLayer = rows * layers();
  const std::size_t slots = perLayer * static_cast<std::size_t>(m_k);
  const auto cut = [](auto& values, std::size_t size) {
    values.resize(std::min(values.size(), size));
  };
  cut(m_tokens, rows);
  cut(m_present, rows);
  cut(m_ids, slots);
  cut(m_weights, slots);
  cut(m_entropy, perLayer);
  cut(m_margin, perLayer);
  cut(m_agreement, perLayer);
  m_next.erase(m_next.lower_bound(end), m_next.end());
}

void Track::setNext(std::int64_t position, NextToken next) {
  if (contains(position))
    m_next[position] = std::move(next);
}

std::int32_t Track::token(std::int64_t position) const {
  return m_tokens[row(position)];
}

std::span<const std::uint16_t> Track::ids(std::int64_t position, std::size_t layer) const {
  const auto k = static_cast<std::size_t>(m_k);
  return std::span(m_ids).subspan((row(position) * layers() + layer) * k, k);
}

std::span<const float> Track::weights(std::int64_t position, std::size_t layer) const {
  if (m_weights.empty())
    return {};
  const auto k = static_cast<std::size_t>(m_k);
  return std::span(m_weights).subspan((row(position) * layers() + layer) * k, k);
}

int Track::firstChoice(std::int64_t position, std::size_t layer) const {
  const std::uint16_t id = ids(position, layer).front();
  return id == trace::kNoExpert ? -1 : id;
}

float Track::topGate(std::int64_t position, std::size_t layer) const {
  const auto row = weights(position, layer);
  if (row.empty() || !has(position))
    return kUnknown;
  return *std::ranges::max_element(row);
}

float Track::at(const std::vector<float>& values, std::int64_t position, std::size_t layer) const {
  return values.empty() ? kUnknown : values[row(position) * layers() + layer];
}

float Track::entropy(std::int64_t position, std::size_t layer) const {
  return at(m_entropy, position, layer);
}

float Track::margin(std::int64_t position, std::size_t layer) const {
  return at(m_margin, position, layer);
}

float Track::agreement(std::int64_t position, std::size_t layer) const {
  return at(m_agreement, position, layer);
}

const NextToken* Track::next(std::int64_t position) const {
  const auto found = m_next.find(position);
  return found == m_next.end() ? nullptr : &found->second;
}

std::int64_t Track::uses(std::size_t layer, int expert, std::int64_t from, std::int64_t to) const {
  std::int64_t uses = 0;
  for (std::int64_t p = std::max(from, m_begin); p < std::min(to, m_end); ++p)
    uses += std::ranges::count(ids(p, layer), static_cast<std::uint16_t>(expert));
  return uses;
}

void Track::countUses(std::size_t layer, std::int64_t from, std::int64_t to,
                      std::span<int> counts) const {
  for (std::int64_t p = std::max(from, m_begin); p < std::min(to, m_end); ++p)
    for (const std::uint16_t id : ids(p, layer))
      if (id != trace::kNoExpert)
        ++counts[id];
}

std::uint64_t Track::bytes() const {
  const std::size_t floats =
      m_weights.size() + m_entropy.size() + m_margin.size() + m_agreement.size();
  return m_ids.size() * sizeof(std::uint16_t) + floats * sizeof(float) + m_tokens.size() * 5;
}

} // namespace switchyard::studio
