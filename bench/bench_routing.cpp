// The gates of the families, over rows of random router logits.

#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/benchmark_main.h"
#include "core/base/rng.h"
#include "core/routing/gate.h"

namespace switchyard::bench {

namespace {

struct Case {
  const char* name;
  routing::GateConfig gate;
};

std::vector<Case> cases() {
  using routing::GroupScore;
  using routing::Score;
  return {
      {"softmax_all", {.experts = 64, .k = 8}},
      {"softmax_all_128", {.experts = 128, .k = 8, .renorm = routing::Renorm::Sum}},
      {"softmax_selected", {.experts = 32, .k = 4, .score = Score::SoftmaxSelected}},
      {"sigmoid_groups",
       {.experts = 256,
        .k = 8,
        .score = Score::Sigmoid,
        .groupScore = GroupScore::Top2Sum,
        .groups = 8,
        .groupsKept = 4,
        .renorm = routing::Renorm::Sum,
        .renormEps = 1e-20f,
        .scale = 2.5f}},
      {"sparse_mixer", {.experts = 16, .k = 2, .score = Score::SparseMixer}},
  };
}

void routeRows(benchmark::State& state, const routing::GateConfig& gate, std::int64_t rows) {
  base::Rng rng(3, 0);
  std::vector<float> logits(static_cast<std::size_t>(rows * gate.experts));
  for (float& logit : logits)
    logit = static_cast<float>(rng.nextU64() >> 40) * 0x1p-21f - 4.0f;
  std::vector<std::int32_t> ids(static_cast<std::size_t>(rows * gate.k));
  std::vector<float> weights(ids.size());
  for (auto _ : state) {
    const auto routed = routing::route(gate, logits, {}, {.ids = ids, .weights = weights});
    if (!routed) {
      state.SkipWithError(routed.error().message.c_str());
      return;
    }
    benchmark::DoNotOptimize(ids.data());
  }
  state.counters["rows/s"] =
      benchmark::Counter(static_cast<double>(rows) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  for (const Case& one : cases())
    for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{options.smoke ? 3 : 512}})
      benchmark::RegisterBenchmark(
          fmt::format("route/{}/E:{}/k:{}/rows:{}", one.name, one.gate.experts, one.gate.k, rows)
              .c_str(),
          [=](benchmark::State& state) { routeRows(state, one.gate, rows); });
}

} // namespace switchyard::bench
