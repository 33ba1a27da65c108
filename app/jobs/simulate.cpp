#include "app/jobs/simulate.h"

#include <algorithm>
#include <vector>

namespace switchyard::jobs {

namespace {

using base::Result;

/// One range of tokens at all layers, copied so that it can be handed out step by step.
struct Range {
  std::vector<std::vector<std::uint16_t>> ids; ///< per MoE layer [rows, k]
  std::vector<std::vector<float>> weights;
  std::int64_t firstToken = 0;
  std::int64_t rows = 0;
};

Result<void> replay(const Range& range, const trace::SequenceInfo& sequence,
                    const std::vector<trace::LayerInfo>& layers, std::int64_t stepTokens,
                    trace::Simulator& simulator) {
  for (std::int64_t first = 0; first < range.rows; first += stepTokens) {
    const std::int64_t rows = std::min(stepTokens, range.rows - first);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const auto k = static_cast<std::size_t>(layers[layer].k);
      const std::size_t at = static_cast<std::size_t>(first) * k;
      const std::size_t count = static_cast<std::size_t>(rows) * k;
      trace::RoutingBlock block;
      block.sequence = &sequence;
      block.moeLayer = static_cast<int>(layer);
      block.info = layers[layer];
      block.firstToken = range.firstToken + first;
      block.rows = rows;
      block.ids = std::span(range.ids[layer]).subspan(at, count);
      if (!range.weights[layer].empty())
        block.weights = std::span(range.weights[layer]).subspan(at, count);
      SY_TRY(simulator.add(block));
    }
  }
  return {};
}

} // namespace

Result<trace::AnalysisResult> simulate(const trace::Trace& trace, trace::Simulator& simulator,
                                       const trace::MachineDescription& machine,
                                       std::int64_t stepTokens, const base::RunControl& control) {
  if (stepTokens < 1)
    return base::fail(base::ErrorCode::InvalidArgument, "a step needs at least one token");
  const std::vector<trace::LayerInfo>& layers = trace.meta().layers;
  SY_TRY(simulator.begin(layers, machine));
  const auto reader = SY_TRY(trace.reader());
  Range range;
  range.ids.resize(layers.size());
  range.weights.resize(layers.size());
  std::int64_t done = 0;
  std::int64_t sequences = 0;
  for (std::int64_t index = 0; index < trace.sequences(); ++index) {
    const trace::SequenceInfo info = SY_TRY(reader->sequence(index, trace::SequenceText::Skip));
    const trace::SequenceSize size = SY_TRY(reader->size(index));
    // Whole steps only, so that a step never straddles two reads.
    const std::int64_t length =
        std::max<std::int64_t>(1, trace::TraceReader::kBlockTokens / stepTokens) * stepTokens;
    for (std::int64_t first = 0; first < size.rows; first += length) {
      SY_TRY(control.check());
      range.firstToken = first;
      range.rows = std::min(length, size.rows - first);
      for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto slots = static_cast<std::size_t>(range.rows * layers[layer].k);
        range.ids[layer].resize(slots);
        SY_TRY(reader->ids(index, static_cast<int>(layer), first, range.rows, range.ids[layer]));
        if (!trace.columns().weights)
          continue;
        range.weights[layer].resize(slots);
        SY_TRY(reader->weights(index, static_cast<int>(layer), first, range.rows,
                               range.weights[layer]));
      }
      SY_TRY(replay(range, info, layers, stepTokens, simulator));
      done += range.rows;
      control.report(done, trace.tokens(), "tokens");
    }
    ++sequences;
  }
  trace::AnalysisResult result = SY_TRY(simulator.result());
  result.provenance.sequences = sequences;
  result.provenance.tokens = done;
  return result;
}

} // namespace switchyard::jobs
