#include "app/jobs/simulate.h"

#include <algorithm>
#include <span>
#include <vector>

#include "app/jobs/row_picker.h"

namespace switchyard::jobs {

namespace {

using base::Result;

/// Rows of a sequence at all layers, copied so that they can be handed out step by step.
struct Range {
  std::vector<std::vector<std::uint16_t>> ids; ///< per MoE layer [rows, k]
  std::vector<std::vector<float>> weights;     ///< the same; empty if not recorded
  std::int64_t firstToken = 0;                 ///< how many rows of the sequence came before
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

/// The runs cut into pieces of `length` rows; the last one may have fewer.
std::vector<RowRuns> inPieces(const RowRuns& runs, std::int64_t length) {
  std::vector<RowRuns> pieces;
  std::int64_t room = 0; // in the last piece
  for (auto [from, to] : runs)
    while (from < to) {
      if (room == 0) {
        pieces.emplace_back();
        room = length;
      }
      const std::int64_t rows = std::min(room, to - from);
      pieces.back().emplace_back(from, from + rows);
      from += rows;
      room -= rows;
    }
  return pieces;
}

/// Fills range with these rows of a sequence.
Result<void> read(trace::TraceReader& reader, std::int64_t sequence, const RowRuns& runs,
                  Range& range) {
  range.rows = 0;
  for (const auto& [from, to] : runs)
    range.rows += to - from;
  const bool weights = reader.trace().columns().weights;
  for (std::size_t layer = 0; layer < range.ids.size(); ++layer) {
    const auto k = static_cast<std::size_t>(reader.trace().meta().layers[layer].k);
    const int moeLayer = static_cast<int>(layer);
    range.ids[layer].resize(static_cast<std::size_t>(range.rows) * k);
    range.weights[layer].resize(weights ? range.ids[layer].size() : 0);
    std::size_t at = 0;
    for (const auto& [from, to] : runs) {
      const std::size_t slots = static_cast<std::size_t>(to - from) * k;
      SY_TRY(reader.ids(sequence, moeLayer, from, to - from,
                        std::span(range.ids[layer]).subspan(at, slots)));
      if (weights)
        SY_TRY(reader.weights(sequence, moeLayer, from, to - from,
                              std::span(range.weights[layer]).subspan(at, slots)));
      at += slots;
    }
  }
  return {};
}

/// The sequence as if it consisted of these rows.
trace::SequenceInfo reduced(trace::SequenceInfo info, const RowRuns& runs) {
  std::vector<std::int32_t> tokens;
  std::int64_t prompt = 0;
  const auto all = static_cast<std::int64_t>(info.tokens.size());
  for (const auto& [from, to] : runs) {
    tokens.insert(tokens.end(), info.tokens.begin() + std::min(from, all),
                  info.tokens.begin() + std::min(to, all));
    prompt += std::clamp<std::int64_t>(info.promptLength - from, 0, to - from);
  }
  info.tokens = std::move(tokens);
  info.promptLength = prompt;
  return info;
}

} // namespace

Result<trace::AnalysisResult> simulate(const std::shared_ptr<const trace::Trace>& trace,
                                       trace::Simulator& simulator,
                                       const trace::MachineDescription& machine,
                                       std::int64_t stepTokens, const RowFilter& rows,
                                       const base::RunControl& control) {
  if (stepTokens < 1)
    return base::fail(base::ErrorCode::InvalidArgument, "a step needs at least one token");
  const std::vector<trace::LayerInfo>& layers = trace->meta().layers;
  SY_TRY(simulator.begin(layers, machine));
  RowPicker picker = SY_TRY(RowPicker::make(trace, SY_TRY(rowStarts(*trace)), rows));
  const auto reader = SY_TRY(trace->reader());
  // Whole steps only, so that a step never straddles two reads.
  const std::int64_t length =
      std::max<std::int64_t>(1, trace::TraceReader::kBlockTokens / stepTokens) * stepTokens;
  Range range;
  range.ids.resize(layers.size());
  range.weights.resize(layers.size());
  std::int64_t seen = 0; // rows, kept or not
  std::int64_t done = 0, sequences = 0;
  for (std::int64_t index = 0; index < trace->sequences(); ++index) {
    SY_TRY(control.check());
    const RowRuns runs = SY_TRY(picker.kept(index));
    if (runs.empty() && !rows.isEmpty()) {
      seen += picker.rows(index);
      continue;
    }
    trace::SequenceInfo info = SY_TRY(reader->sequence(index, trace::SequenceText::Skip));
    if (!rows.isEmpty())
      info = reduced(std::move(info), runs);
    range.firstToken = 0;
    for (const RowRuns& piece : inPieces(runs, length)) {
      SY_TRY(control.check());
      SY_TRY(read(*reader, index, piece, range));
      SY_TRY(replay(range, info, layers, stepTokens, simulator));
      range.firstToken += range.rows;
      control.report(seen + piece.back().second, trace->tokens(), "tokens");
    }
    seen += picker.rows(index);
    done += range.firstToken;
    ++sequences;
  }
  trace::AnalysisResult result = SY_TRY(simulator.result());
  result.provenance.sequences = sequences;
  result.provenance.tokens = done;
  if (!rows.isEmpty())
    result.provenance.filter = rows.description();
  return result;
}

} // namespace switchyard::jobs
