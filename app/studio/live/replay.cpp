#include "app/studio/live/replay.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/studio/live/route_measures.h"

namespace switchyard::studio {

namespace {

using base::Result;

constexpr std::int64_t kWindowBytes = 48 << 20;
constexpr std::int64_t kMinWindow = 128, kMaxWindow = 8192;

/// Puts the rows of blocks into the tokens they belong to.
class Collector {
public:
  Collector(const trace::Trace& trace, const TrackShape& shape, std::int64_t first,
            std::int64_t rows)
      : m_kind(trace.meta().gate == trace::GateKind::Sigmoid ? analyzers::Probabilities::Sigmoid
                                                             : analyzers::Probabilities::Softmax),
        m_k(static_cast<std::size_t>(shape.widest().k)), m_first(first),
        m_tokens(static_cast<std::size_t>(rows), TokenRouting(shape)) {}

  void take(const trace::RoutingBlock& block) {
    const auto layer = static_cast<std::size_t>(block.moeLayer);
    const auto k = static_cast<std::size_t>(block.info.k);
    const auto experts = static_cast<std::size_t>(block.info.experts);
    for (std::size_t row = 0; row < static_cast<std::size_t>(block.rows); ++row) {
      TokenRouting& token = m_tokens[static_cast<std::size_t>(block.firstToken - m_first) + row];
      const auto to = static_cast<std::ptrdiff_t>(layer * m_k);
      std::ranges::copy(block.ids.subspan(row * k, k), token.ids.begin() + to);
      if (!block.weights.empty())
        std::ranges::copy(block.weights.subspan(row * k, k), token.weights.begin() + to);
      if (block.logits.empty())
        continue;
      const RouteMeasures measures =
          measure(block.logits.subspan(row * experts, experts), m_kind, m_buffer);
      token.entropy[layer] = measures.entropy;
      token.margin[layer] = measures.margin;
    }
  }

  std::vector<TokenRouting>& tokens() { return m_tokens; }

private:
  analyzers::Probabilities m_kind;
  std::size_t m_k;
  std::int64_t m_first;
  std::vector<TokenRouting> m_tokens;
  std::vector<float> m_buffer;
};

std::int64_t bytesPerToken(const TrackShape& shape) {
  std::int64_t bytes = 64;
  for (const trace::LayerInfo& layer : shape.layers)
    bytes += layer.k * 6 + 8 + (shape.logits ? layer.experts * 4 : 0);
  return bytes;
}

} // namespace

TrackShape shapeOf(const trace::Trace& trace) {
  return {trace.meta().layers, trace.columns().weights, trace.columns().logits, false};
}

Result<ReplayWindow> loadReplay(const std::shared_ptr<const trace::Trace>& trace,
                                std::int64_t sequence, std::int64_t position,
                                const base::RunControl& control) {
  const std::unique_ptr<trace::TraceReader> reader = SY_TRY(trace->reader());
  const trace::SequenceSize size = SY_TRY(reader->size(sequence));
  if (size.rows == 0)
    return base::fail(base::ErrorCode::NotFound,
                      fmt::format("sequence {} has no recorded routing", sequence),
                      {.file = trace->path().string()});
  ReplayWindow window;
  window.info = SY_TRY(reader->sequence(sequence, trace::SequenceText::Skip));
  window.total = size.rows;
  const TrackShape shape = shapeOf(*trace);
  const std::int64_t room = std::clamp(kWindowBytes / bytesPerToken(shape), kMinWindow, kMaxWindow);
  const std::int64_t rows = std::min(room, size.rows);
  const std::int64_t first = std::clamp(position - room / 4, std::int64_t{0}, size.rows - rows);
  Collector collector(*trace, shape, first, rows);
  const trace::Columns columns{.weights = shape.weights, .logits = shape.logits};
  SY_TRY(reader->forEachBlock(window.info, columns, {}, first, first + rows,
                              [&](const trace::RoutingBlock& block) -> Result<void> {
                                SY_TRY(control.check());
                                collector.take(block);
                                return {};
                              }));
  window.track = Track(shape, first);
  window.track.setPromptLength(size.promptLength);
  for (std::size_t i = 0; i < collector.tokens().size(); ++i) {
    TokenRouting& token = collector.tokens()[i];
    token.position = first + static_cast<std::int64_t>(i);
    token.token = window.info.tokens[static_cast<std::size_t>(token.position)];
    window.track.append(token);
  }
  return window;
}

Result<std::int64_t> tokensBefore(const trace::Trace& trace, std::int64_t sequence) {
  const std::unique_ptr<trace::TraceReader> reader = SY_TRY(trace.reader());
  std::int64_t tokens = 0;
  SY_TRY(reader->forEachSequence(
      0, sequence,
      [&](const trace::SequenceInfo&, const trace::SequenceSize& size) -> Result<void> {
        tokens += size.rows;
        return {};
      }));
  return tokens;
}

} // namespace switchyard::studio
