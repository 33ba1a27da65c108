// Prefill and decode of a seeded OLMoE-shaped model, with routing recorded, and the way back
// through it. The model is made on first use in $SWITCHYARD_BENCH_MODEL, or in the system's
// temporary folder (3.4 GB).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/benchmark_main.h"
#include "bench/make_model.h"
#include "bench/model_run.h"

namespace switchyard::bench {

namespace {

/// The model, loaded by the first case that runs. The smoke model is removed in the end.
class Fixture {
public:
  explicit Fixture(const BenchmarkOptions& options)
      : m_smoke(options.smoke), m_threads(options.threads) {
    if (m_smoke)
      m_folder = std::filesystem::temp_directory_path() /
                 fmt::format("switchyard-bench-smoke-{}", ::getpid());
    else
      m_folder = benchModelFolder();
  }
  ~Fixture() {
    std::error_code ignored;
    if (m_smoke)
      std::filesystem::remove_all(m_folder, ignored);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  base::Result<const ModelRun*> run() {
    if (m_run)
      return &*m_run;
    SY_TRY(makeModel(m_folder, m_smoke ? kSmokeShape : ModelShape{}, 1));
    m_run.emplace(SY_TRY(
        ModelRun::create(m_folder, m_threads, std::filesystem::temp_directory_path(), true)));
    return &*m_run;
  }

private:
  bool m_smoke;
  base::ThreadContext m_threads;
  std::filesystem::path m_folder;
  std::optional<ModelRun> m_run;
};

/// pass: seconds of one pass of `tokens` tokens.
template <typename Pass>
void timeTokens(benchmark::State& state, Fixture& fixture, std::int64_t tokens, Pass&& pass) {
  const auto run = fixture.run();
  if (!run) {
    state.SkipWithError(run.error().describe().c_str());
    return;
  }
  for (auto _ : state) {
    const base::Result<double> seconds = pass(**run);
    if (!seconds) {
      state.SkipWithError(seconds.error().describe().c_str());
      return;
    }
    state.SetIterationTime(*seconds);
  }
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void timeBackward(benchmark::State& state, Fixture& fixture, std::int64_t tokens) {
  const auto run = fixture.run();
  if (!run) {
    state.SkipWithError(run.error().describe().c_str());
    return;
  }
  ModelRun::BackwardTimes sum;
  for (auto _ : state) {
    const auto times = (*run)->backward(tokens);
    if (!times) {
      state.SkipWithError(times.error().describe().c_str());
      return;
    }
    state.SetIterationTime(times->backward.wall);
    sum.forward.wall += times->forward.wall;
    sum.forward.work += times->forward.work;
    sum.backward.wall += times->backward.wall;
    sum.backward.work += times->backward.work;
  }
  state.counters["of_forward"] = sum.backward.wall / sum.forward.wall;
  state.counters["of_forward_work"] = sum.backward.work / sum.forward.work;
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const auto fixture = std::make_shared<Fixture>(options);
  for (const std::int64_t tokens :
       options.smoke ? std::vector<std::int64_t>{5} : std::vector<std::int64_t>{16, 128, 512})
    benchmark::RegisterBenchmark(fmt::format("prefill/{}", tokens).c_str(), [=](benchmark::State&
                                                                                    state) {
      timeTokens(state, *fixture, tokens, [&](const ModelRun& run) { return run.prefill(tokens); });
    })->UseManualTime();
  const std::int64_t tokens = options.smoke ? 3 : 32;
  for (const std::int64_t context :
       options.smoke ? std::vector<std::int64_t>{4} : std::vector<std::int64_t>{16, 1024})
    benchmark::RegisterBenchmark(fmt::format("decode/context:{}", context).c_str(),
                                 [=](benchmark::State& state) {
                                   timeTokens(state, *fixture, tokens, [&](const ModelRun& run) {
                                     return run.decode(tokens, context);
                                   });
                                 })
        ->UseManualTime();
  for (const std::int64_t length :
       options.smoke ? std::vector<std::int64_t>{5} : std::vector<std::int64_t>{128, 512})
    benchmark::RegisterBenchmark(
        fmt::format("backward/{}", length).c_str(),
        [=](benchmark::State& state) { timeBackward(state, *fixture, length); })
        ->UseManualTime();
}

} // namespace switchyard::bench
