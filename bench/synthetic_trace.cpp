#include "bench/synthetic_trace.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/rng.h"
#include "core/trace/reader.h"
#include "core/trace/writer.h"

namespace switchyard::bench {

namespace {

/// Routing of one sequence at one layer.
struct Rows {
  std::vector<std::int32_t> ids;
  std::vector<float> weights;
  std::vector<float> logits;
};

/// Logits with a preference per (layer, expert), the k greatest chosen.
Rows makeRows(const TraceShape& shape, int layer, std::uint64_t sequence) {
  base::Rng rng(sequence, static_cast<std::uint64_t>(layer));
  Rows rows;
  const auto experts = static_cast<std::size_t>(shape.experts);
  std::vector<std::int32_t> order(experts);
  std::vector<float> logits(experts);
  for (std::int64_t row = 0; row < shape.tokensPerSequence; ++row) {
    for (std::size_t e = 0; e < experts; ++e) {
      order[e] = static_cast<std::int32_t>(e);
      const float preference =
          static_cast<float>((e * 37 + static_cast<std::size_t>(layer) * 11) % 13);
      logits[e] = preference * 0.1f + static_cast<float>(rng.nextU64() >> 40) * 0x1p-23f;
    }
    std::partial_sort(order.begin(), order.begin() + shape.k, order.end(), [&](auto a, auto b) {
      return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
    });
    float sum = 0;
    for (const float logit : logits)
      sum += std::exp(logit);
    for (int rank = 0; rank < shape.k; ++rank) {
      const std::int32_t id = order[static_cast<std::size_t>(rank)];
      rows.ids.push_back(id);
      rows.weights.push_back(std::exp(logits[static_cast<std::size_t>(id)]) / sum);
    }
    if (shape.columns.logits)
      rows.logits.insert(rows.logits.end(), logits.begin(), logits.end());
  }
  if (!shape.columns.weights)
    rows.weights.clear();
  return rows;
}

} // namespace

base::Result<void> writeTrace(const std::filesystem::path& path, const TraceShape& shape) {
  trace::TraceMeta meta;
  meta.program = "switchyard-bench";
  meta.stackLayers = shape.layers;
  meta.vocabulary = 8192;
  for (int layer = 0; layer < shape.layers; ++layer)
    meta.layers.push_back({.layer = layer, .experts = shape.experts, .k = shape.k});
  auto writer = SY_TRY(trace::TraceWriter::create(path, meta, shape.columns, {.overwrite = true}));
  std::vector<std::int32_t> tokens(static_cast<std::size_t>(shape.tokensPerSequence));
  // A few distinct sequences are enough; those of long traces without logits are made once.
  constexpr std::uint64_t kDistinct = 16;
  const auto rowsAt = [&](std::uint64_t seed, int layer) {
    return seed * static_cast<std::uint64_t>(shape.layers) + static_cast<std::uint64_t>(layer);
  };
  const bool kept =
      !shape.columns.logits && shape.sequences > 4 * static_cast<std::int64_t>(kDistinct);
  std::vector<Rows> known(kept ? kDistinct * static_cast<std::size_t>(shape.layers) : 0);
  for (std::int64_t sequence = 0; sequence < shape.sequences; ++sequence) {
    trace::SequenceInfo info;
    info.index = sequence;
    info.labels = {{"domain", "d" + std::to_string(sequence % 8)}};
    SY_TRY(writer->beginSequence(info));
    const auto seed = static_cast<std::uint64_t>(sequence) % kDistinct;
    for (int layer = 0; layer < shape.layers; ++layer) {
      if (kept && known[rowsAt(seed, layer)].ids.empty())
        known[rowsAt(seed, layer)] = makeRows(shape, layer, seed);
      const Rows rows = kept ? known[rowsAt(seed, layer)] : makeRows(shape, layer, seed);
      SY_TRY(writer->addRouting(layer, {.rows = shape.tokensPerSequence,
                                        .ids = rows.ids,
                                        .weights = rows.weights,
                                        .logits = rows.logits}));
    }
    base::Rng rng(seed, 999);
    for (std::int32_t& token : tokens)
      token = static_cast<std::int32_t>(rng.nextU64() % 8192);
    SY_TRY(writer->endSequence(tokens, shape.tokensPerSequence));
  }
  return writer->finish();
}

std::filesystem::path keptFolder() {
  const char* folder = std::getenv("SWITCHYARD_BENCH_TRACE");
  return folder ? std::filesystem::path(folder) : std::filesystem::temp_directory_path();
}

base::Result<std::filesystem::path> keptTrace(const TraceShape& shape) {
  const std::filesystem::path path =
      keptFolder() / fmt::format("bench-{}x{}x{}.swy", shape.sequences * shape.tokensPerSequence,
                                 shape.layers, shape.experts);
  const auto trace = trace::Trace::open(path);
  if (!trace || !(*trace)->complete())
    SY_TRY(writeTrace(path, shape));
  return path;
}

} // namespace switchyard::bench
