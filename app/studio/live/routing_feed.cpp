#include "app/studio/live/routing_feed.h"

#include <algorithm>
#include <utility>

#include "app/studio/live/candidates.h"
#include "app/studio/live/route_measures.h"
#include "core/routing/gate.h"

namespace switchyard::studio {

namespace {

using base::Result;

constexpr std::size_t kRingBytes = 32u << 20;
constexpr std::size_t kMinSlots = 1024; ///< more than one prefill pass
constexpr std::size_t kMaxSlots = 4096;

std::size_t slotsFor(const TrackShape& shape) {
  const std::size_t slots = shape.layerCount() * static_cast<std::size_t>(shape.widest().k);
  const std::size_t bytes = sizeof(TokenRouting) + slots * (sizeof(std::uint16_t) + sizeof(float)) +
                            shape.layerCount() * 3 * sizeof(float);
  return std::clamp(kRingBytes / bytes, kMinSlots, kMaxSlots);
}

} // namespace

RoutingFeed::RoutingFeed(const FeedOptions& options)
    : m_options(options), m_k(static_cast<std::size_t>(options.shape.widest().k)),
      m_held(options.shape), m_ring(slotsFor(options.shape), [&] {
        TokenRouting routing(options.shape);
        routing.next.emplace().candidates.reserve(CandidateFinder::kCandidates);
        return routing;
      }) {
  const auto& layers = m_options.shape.layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto stack = static_cast<std::size_t>(layers[i].layer);
    if (m_moeLayerOf.size() <= stack)
      m_moeLayerOf.resize(stack + 1, -1);
    m_moeLayerOf[stack] = static_cast<int>(i);
  }
}

hooks::PointSet RoutingFeed::wants() const {
  const auto set = hooks::Point::TopK | hooks::Point::Weights;
  return m_options.shape.logits ? set | hooks::Point::RouterLogits : set;
}

Result<void> RoutingFeed::onRouter(const hooks::RouterEvent& event) {
  const auto stack = static_cast<std::size_t>(event.layer.value);
  if (stack >= m_moeLayerOf.size() || m_moeLayerOf[stack] < 0)
    return base::fail(base::ErrorCode::InvalidArgument, "the live view does not know this layer",
                      {.layer = event.layer});
  const auto moeLayer = static_cast<std::size_t>(m_moeLayerOf[stack]);
  if (moeLayer == 0)
    begin(event.rows);
  if (event.rows.size() != m_rowCount)
    return {}; // a pass that began before anybody watched
  fill(event, moeLayer);
  if (m_options.shape.agreement && !event.logits.empty())
    SY_TRY(compare(event, moeLayer));
  if (moeLayer + 1 == m_options.shape.layers.size()) {
    for (std::size_t row = 0; row + 1 < m_rowCount; ++row)
      push(m_rows[row]);
    std::swap(m_held, m_rows[m_rowCount - 1]);
    m_holds = true;
    m_rowCount = 0;
  }
  return {};
}

void RoutingFeed::begin(std::span<const hooks::RowInfo> rows) {
  flush();
  m_rowCount = rows.size();
  if (m_rows.size() < m_rowCount)
    m_rows.resize(m_rowCount, TokenRouting(m_options.shape));
  for (std::size_t i = 0; i < m_rowCount; ++i) {
    m_rows[i].position = rows[i].position.value;
    m_rows[i].token = rows[i].token.value;
    if (m_rows[i].next)
      m_spare = std::move(*m_rows[i].next);
    m_rows[i].next.reset();
  }
}

void RoutingFeed::fill(const hooks::RouterEvent& event, std::size_t moeLayer) {
  const auto eventK = static_cast<std::size_t>(event.k);
  const auto experts = static_cast<std::size_t>(event.experts);
  for (std::size_t row = 0; row < m_rowCount; ++row) {
    TokenRouting& out = m_rows[row];
    for (std::size_t slot = 0; slot < m_k; ++slot) {
      const std::size_t to = moeLayer * m_k + slot;
      const std::int32_t id = slot < eventK ? event.ids[row * eventK + slot] : hooks::kNoExpert;
      const bool used = id >= 0 && id < event.experts;
      out.ids[to] = used ? static_cast<std::uint16_t>(id) : trace::kNoExpert;
      if (!out.weights.empty())
        out.weights[to] = used ? event.weights[row * eventK + slot] : 0.0f;
    }
    if (event.logits.empty() || out.entropy.empty())
      continue;
    const RouteMeasures measures = measure(event.logits.subspan(row * experts, experts),
                                           m_options.probabilities, m_probabilities);
    out.entropy[moeLayer] = measures.entropy;
    out.margin[moeLayer] = measures.margin;
  }
}

Result<void> RoutingFeed::compare(const hooks::RouterEvent& event, std::size_t moeLayer) {
  const routing::LayerFacts& facts = m_options.facts[moeLayer];
  const auto k = static_cast<std::size_t>(facts.k);
  m_own.resize(m_rowCount * k);
  m_ownWeights.resize(m_rowCount * k);
  SY_TRY(routing::route(*facts.gate, event.logits, facts.choiceBias,
                        {.ids = m_own, .weights = m_ownWeights}));
  for (std::size_t row = 0; row < m_rowCount; ++row) {
    const auto chosen = std::span(m_rows[row].ids).subspan(moeLayer * m_k, m_k);
    const auto own = std::span(m_own).subspan(row * k, k);
    const auto kept = std::ranges::count_if(own, [&](std::int32_t id) {
      return id >= 0 && std::ranges::find(chosen, static_cast<std::uint16_t>(id)) != chosen.end();
    });
    m_rows[row].agreement[moeLayer] = static_cast<float>(kept) / static_cast<float>(k);
  }
  return {};
}

void RoutingFeed::setNext(NextToken& next) {
  if (m_holds) {
    m_held.next.emplace(std::move(next));
    next = std::move(m_spare);
  }
  next.token = -1;
  next.probability = 0;
  next.candidates.clear();
  next.figures.clear();
  flush();
}

void RoutingFeed::flush() {
  if (m_holds)
    push(m_held);
  m_holds = false;
}

void RoutingFeed::push(TokenRouting& routing) {
  TokenRouting* slot = m_ring.claim();
  if (!slot) {
    m_dropped.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::swap(*slot, routing);
  m_ring.publish();
}

std::size_t RoutingFeed::drain(const std::function<void(TokenRouting&)>& take) {
  std::size_t taken = 0;
  while (TokenRouting* slot = m_ring.front()) {
    take(*slot);
    m_ring.pop();
    ++taken;
  }
  return taken;
}

} // namespace switchyard::studio
