#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "core/trace/reader_impl.h"

namespace switchyard::trace {
namespace {

/// Buffers of one block, reused.
struct BlockBuffers {
  std::vector<std::uint16_t> ids;
  std::vector<float> weights, logits, norms;
  std::vector<std::int32_t> predicted;

  /// A buffer of exactly `values` values, or none.
  template <typename Value>
  static std::span<Value> sized(std::vector<Value>& buffer, std::int64_t values, bool wanted) {
    buffer.resize(wanted ? static_cast<std::size_t>(values) : 0);
    return buffer;
  }
};

} // namespace

base::Result<void>
TraceReader::forEachBlock(const SequenceInfo& info, const Columns& columns,
                          std::span<const int> moeLayers, std::int64_t firstToken,
                          std::int64_t lastToken,
                          const std::function<base::Result<void>(const RoutingBlock&)>& visit) {
  const std::vector<LayerInfo>& all = trace().meta().layers;
  std::vector<int> chosen(moeLayers.begin(), moeLayers.end());
  if (chosen.empty()) {
    chosen.resize(all.size());
    std::iota(chosen.begin(), chosen.end(), 0);
  }
  for (const int layer : chosen)
    if (layer < 0 || static_cast<std::size_t>(layer) >= all.size())
      return base::fail(
          base::ErrorCode::InvalidArgument,
          fmt::format("the trace has {} MoE layers, {} is none of them", all.size(), layer));
  const SequenceSize there = SY_TRY(size(info.index));
  const Columns read = columns & trace().columns();
  lastToken = std::min(lastToken, there.rows);
  BlockBuffers buffers;
  for (std::int64_t at = std::max<std::int64_t>(firstToken, 0); at < lastToken;) {
    const std::int64_t end = std::min(lastToken, (at / kBlockTokens + 1) * kBlockTokens);
    const std::int64_t rows = end - at;
    const auto predictions = BlockBuffers::sized(buffers.predicted, rows, read.predicted);
    if (read.predicted)
      SY_TRY(predicted(info.index, at, rows, predictions));
    for (const int layer : chosen) {
      const LayerInfo& shape = all[static_cast<std::size_t>(layer)];
      const auto ids16 = BlockBuffers::sized(buffers.ids, rows * shape.k, true);
      const auto gates = BlockBuffers::sized(buffers.weights, rows * shape.k, read.weights);
      const auto raw = BlockBuffers::sized(buffers.logits, rows * shape.experts, read.logits);
      const auto lengths = BlockBuffers::sized(buffers.norms, rows * shape.k, read.norms);
      SY_TRY(ids(info.index, layer, at, rows, ids16));
      if (read.weights)
        SY_TRY(weights(info.index, layer, at, rows, gates));
      if (read.logits)
        SY_TRY(logits(info.index, layer, at, rows, raw));
      if (read.norms)
        SY_TRY(norms(info.index, layer, at, rows, lengths));
      SY_TRY(visit({.sequence = &info,
                    .moeLayer = layer,
                    .info = shape,
                    .firstToken = at,
                    .rows = rows,
                    .ids = ids16,
                    .weights = gates,
                    .logits = raw,
                    .norms = lengths,
                    .predicted = predictions}));
    }
    at = end;
  }
  return {};
}

} // namespace switchyard::trace
