#include "app/jobs/ablate/text_loss.h"

#include <algorithm>

#include "app/jobs/perplexity.h"

namespace switchyard::jobs::ablate {

namespace {

/// Rows of one pass: bounds the memory of logits, never changes results.
constexpr std::int64_t kChunk = 128;

} // namespace

TextLoss::TextLoss(std::shared_ptr<const model::Model> model, const base::ThreadContext& threads,
                   std::span<const Window> windows, std::uint64_t heldBytes)
    : m_model(std::move(model)), m_threads(threads), m_windows(windows) {
  std::uint64_t tokens = 0;
  for (const Window& window : windows)
    tokens += window.tokens.size();
  m_holds =
      tokens * static_cast<std::uint64_t>(m_model->config().hidden) * sizeof(float) <= heldBytes;
}

double TextLoss::chunkLoss(std::span<const base::TokenId> tokens) const {
  const auto vocabulary = static_cast<std::size_t>(m_model->config().vocabulary);
  std::vector<double> losses(m_work.headRows.size());
  m_threads.parallelFor(static_cast<std::int64_t>(losses.size()), [&](std::int64_t i) {
    const auto row = static_cast<std::size_t>(i);
    const auto next = static_cast<std::size_t>(m_work.headRows[row].position.value) + 1;
    if (next < tokens.size())
      losses[row] = negativeLogLikelihood(
          std::span(m_work.logits).subspan(row * vocabulary, vocabulary), tokens[next]);
  });
  double sum = 0;
  for (const double loss : losses)
    sum += loss;
  return sum;
}

base::Result<double> TextLoss::run(std::size_t window, const model::LayerRange& range,
                                   routing::Policy* policy,
                                   std::span<hooks::Observer* const> observers,
                                   std::vector<float>* leaving, const base::RunControl& control) {
  const std::vector<base::TokenId>& tokens = m_windows[window].tokens;
  const auto total = static_cast<std::int64_t>(tokens.size());
  if (total > m_cache.capacity())
    m_cache = SY_TRY(model::KvCache::create(m_model->config(), total));
  m_cache.truncate(0);
  const auto hidden = static_cast<std::size_t>(m_model->config().hidden);
  double sum = 0;
  for (std::int64_t first = 0; first < total; first += kChunk) {
    const auto from = static_cast<std::size_t>(first);
    const auto count = static_cast<std::size_t>(std::min(kChunk, total - first));
    const model::Segment segment{.cache = &m_cache,
                                 .tokens = std::span(tokens).subspan(from, count),
                                 .logits = leaving ? model::LogitsFor::None : model::LogitsFor::All,
                                 .finalLength = total,
                                 .routing = {.policy = policy}};
    model::LayerRange part = range;
    if (part.first > 0)
      part.entering = part.entering.subspan(from * hidden, count * hidden);
    SY_TRY(m_model->forward(
        {&segment, 1},
        {.threads = m_threads, .observers = observers, .stop = control.stop, .range = part},
        m_work));
    if (leaving)
      leaving->insert(leaving->end(), m_work.residual.begin(), m_work.residual.end());
    else
      sum += chunkLoss(tokens);
  }
  return sum;
}

base::Result<void> TextLoss::enter(int layer, const base::RunControl& control) {
  if (!m_holds || layer == m_layer)
    return {};
  std::vector<std::vector<float>> held(m_windows.size());
  for (std::size_t window = 0; window < m_windows.size(); ++window) {
    model::LayerRange range{.first = m_layer, .end = layer};
    if (m_layer > 0)
      range.entering = m_held[window];
    SY_TRY(run(window, range, nullptr, {}, &held[window], control));
    if (m_layer > 0)
      m_held[window] = {};
  }
  m_held = std::move(held);
  m_layer = layer;
  return {};
}

base::Result<double> TextLoss::loss(std::size_t window, routing::Policy& policy,
                                    const base::RunControl& control) {
  model::LayerRange range{.first = m_layer};
  if (m_layer > 0)
    range.entering = m_held[window];
  return run(window, range, &policy, {}, nullptr, control);
}

} // namespace switchyard::jobs::ablate
