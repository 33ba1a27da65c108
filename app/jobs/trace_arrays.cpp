#include "app/jobs/trace_arrays.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace switchyard::jobs {
namespace {

using Kind = TraceArray::Kind;
using Visit = std::function<base::Result<void>(const TraceArray&)>;
using Sink = std::function<base::Result<void>(std::span<const std::byte>)>;

constexpr std::int64_t kPieceValues = 1 << 18;

base::Result<void> visitSequence(const trace::Trace& trace, std::int64_t s,
                                 const trace::SequenceSize& size, const Visit& visit) {
  const trace::TraceMeta& meta = trace.meta();
  const trace::Columns& columns = trace.columns();
  const auto give = [&](Kind kind, int layer, const std::string& name, bool integers,
                        std::vector<std::int64_t> shape) {
    return visit({.kind = kind,
                  .sequence = s,
                  .moeLayer = layer,
                  .name = fmt::format("s{}.{}", s, name),
                  .integers = integers,
                  .shape = std::move(shape)});
  };
  SY_TRY(give(Kind::Ids, 0, "ids", true, {size.tokens}));
  for (std::size_t l = 0; l < meta.layers.size(); ++l) {
    const trace::LayerInfo& info = meta.layers[l];
    const int layer = static_cast<int>(l);
    const std::string prefix = fmt::format("l{}.", info.layer);
    SY_TRY(give(Kind::Experts, layer, prefix + "experts", true, {size.rows, info.k}));
    if (columns.weights)
      SY_TRY(give(Kind::Weights, layer, prefix + "weights", false, {size.rows, info.k}));
    if (columns.logits)
      SY_TRY(give(Kind::RouterLogits, layer, prefix + "router_logits", false,
                  {size.rows, info.experts}));
    if (columns.norms)
      SY_TRY(give(Kind::Norms, layer, prefix + "norms", false, {size.rows, info.k}));
  }
  if (columns.hidden)
    SY_TRY(give(Kind::Hidden, 0, "hidden", false, {meta.stackLayers + 1, size.rows, meta.hidden}));
  if (columns.lmLogits)
    SY_TRY(give(Kind::LmLogits, 0, "lm_logits", false, {size.rows, meta.vocabulary}));
  if (columns.predicted)
    SY_TRY(give(Kind::Predicted, 0, "predicted", true, {size.rows}));
  if (!meta.figures.empty())
    SY_TRY(give(Kind::Figures, 0, "figures", false,
                {size.tokens - size.promptLength, static_cast<std::int64_t>(meta.figures.size())}));
  if (columns.distributions)
    SY_TRY(give(Kind::Distributions, 0, "distributions", false,
                {trace::kDistributions, size.tokens - size.promptLength, meta.vocabulary}));
  return {};
}

/// Reads rows in pieces with `read(first, rows, span)` and sinks them, integers as i64.
template <typename Value, typename Read>
base::Result<void> streamRows(std::int64_t rows, std::int64_t width, const Sink& sink, Read read) {
  const std::int64_t step =
      std::max<std::int64_t>(1, kPieceValues / std::max<std::int64_t>(1, width));
  std::vector<Value> values;
  std::vector<std::int64_t> wide;
  for (std::int64_t first = 0; first < rows; first += step) {
    const std::int64_t count = std::min(step, rows - first);
    values.resize(static_cast<std::size_t>(count * width));
    SY_TRY(read(first, count, std::span(values)));
    if constexpr (std::is_same_v<Value, float>) {
      SY_TRY(sink(std::as_bytes(std::span(values))));
    } else {
      wide.clear();
      for (const Value value : values)
        wide.push_back(std::is_same_v<Value, std::uint16_t> && value == trace::kNoExpert
                           ? -1
                           : static_cast<std::int64_t>(value));
      SY_TRY(sink(std::as_bytes(std::span(wide))));
    }
  }
  return {};
}

} // namespace

base::Result<void> forEachArray(trace::TraceReader& reader, const Visit& visit) {
  const trace::Trace& trace = reader.trace();
  for (std::int64_t s = 0; s < trace.sequences(); ++s)
    SY_TRY(visitSequence(trace, s, SY_TRY(reader.size(s)), visit));
  return {};
}

base::Result<void> streamArray(trace::TraceReader& reader, const TraceArray& array,
                               const Sink& sink) {
  const std::int64_t s = array.sequence;
  const int l = array.moeLayer;
  const std::int64_t width = array.shape.back();
  const auto floats = [&](auto read) {
    return streamRows<float>(array.shape[array.shape.size() - 2], width, sink, read);
  };
  switch (array.kind) {
  case Kind::Ids: {
    const trace::SequenceInfo info = SY_TRY(reader.sequence(s, trace::SequenceText::Skip));
    return streamRows<std::int32_t>(width, 1, sink,
                                    [&](auto first, auto rows, std::span<std::int32_t> out) {
                                      std::copy_n(info.tokens.begin() + first, rows, out.begin());
                                      return base::Result<void>();
                                    });
  }
  case Kind::Experts:
    return streamRows<std::uint16_t>(
        array.shape[0], width, sink,
        [&](auto first, auto rows, auto out) { return reader.ids(s, l, first, rows, out); });
  case Kind::Weights:
    return floats(
        [&](auto first, auto rows, auto out) { return reader.weights(s, l, first, rows, out); });
  case Kind::RouterLogits:
    return floats(
        [&](auto first, auto rows, auto out) { return reader.logits(s, l, first, rows, out); });
  case Kind::Norms:
    return floats(
        [&](auto first, auto rows, auto out) { return reader.norms(s, l, first, rows, out); });
  case Kind::Hidden:
    for (std::int64_t d = 0; d < array.shape[0]; ++d) {
      // The last one is the state after the final norm, as transformers counts hidden states.
      const int depth = static_cast<int>(d + 1 == array.shape[0] ? d + 1 : d);
      SY_TRY(floats([&](auto first, auto rows, auto out) {
        return reader.hidden(s, depth, first, rows, out);
      }));
    }
    return {};
  case Kind::LmLogits:
    return floats(
        [&](auto first, auto rows, auto out) { return reader.lmLogits(s, first, rows, out); });
  case Kind::Predicted:
    return streamRows<std::int32_t>(width, 1, sink, [&](auto first, auto rows, auto out) {
      return reader.predicted(s, first, rows, out);
    });
  case Kind::Figures:
    return floats(
        [&](auto first, auto rows, auto out) { return reader.figures(s, first, rows, out); });
  case Kind::Distributions:
    for (int which = 0; which < trace::kDistributions; ++which)
      SY_TRY(floats([&](auto first, auto rows, auto out) {
        return reader.distribution(s, which, first, rows, out);
      }));
    return {};
  }
  return base::fail(base::ErrorCode::Internal, "an array of no known kind");
}

base::Result<nlohmann::json> traceMetadata(trace::TraceReader& reader) {
  const trace::Trace& trace = reader.trace();
  const trace::TraceMeta& meta = trace.meta();
  nlohmann::json layers = nlohmann::json::array(), sequences = nlohmann::json::array();
  for (const trace::LayerInfo& layer : meta.layers)
    layers.push_back({{"layer", layer.layer}, {"experts", layer.experts}, {"k", layer.k}});
  SY_TRY(reader.forEachSequence(
      0, trace.sequences(),
      [&](const trace::SequenceInfo& info, const trace::SequenceSize& size) -> base::Result<void> {
        sequences.push_back({{"id", info.id},
                             {"source", info.source},
                             {"labels", info.labels},
                             {"prompt_length", size.promptLength},
                             {"tokens", size.tokens},
                             {"rows", size.rows}});
        return {};
      }));
  return nlohmann::json{{"format", "switchyard trace arrays 1"},
                        {"trace", trace.id()},
                        {"complete", trace.complete() ? "true" : "false"},
                        {"program", meta.program},
                        {"created", meta.created},
                        {"family", meta.family},
                        {"model", meta.modelName},
                        {"model_fingerprint", meta.modelFingerprint},
                        {"recipe", meta.recipe},
                        {"columns", trace::describe(trace.columns())},
                        {"figures", meta.figures},
                        {"stack_layers", meta.stackLayers},
                        {"layers", std::move(layers)},
                        {"sequences", std::move(sequences)}};
}

} // namespace switchyard::jobs
