// Each analyzer over a trace on disk, on all threads.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include "analyzers/coactivation/coactivation.h"
#include "analyzers/entropy/entropy.h"
#include "analyzers/load/load.h"
#include "analyzers/locality/locality.h"
#include "analyzers/npmi/npmi.h"
#include "analyzers/specialization/specialization.h"
#include "analyzers/transitions/transitions.h"
#include "bench/benchmark_main.h"
#include "bench/synthetic_trace.h"
#include "core/base/thread_context.h"
#include "core/trace/scan.h"

namespace switchyard::bench {

namespace {

/// The trace all cases read, written by the first and removed in the end.
class Fixture {
public:
  explicit Fixture(const BenchmarkOptions& options)
      : m_threads(options.threads), m_path(std::filesystem::temp_directory_path() /
                                           fmt::format("switchyard-bench-{}.swy", ::getpid())) {
    m_shape.columns.logits = true;
    if (options.smoke)
      m_shape = {.layers = 3,
                 .experts = 8,
                 .k = 2,
                 .sequences = 3,
                 .tokensPerSequence = 20,
                 .columns = m_shape.columns};
  }
  ~Fixture() {
    std::error_code ignored;
    std::filesystem::remove(m_path, ignored);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  base::Result<std::shared_ptr<const trace::Trace>> trace() {
    if (!m_trace) {
      SY_TRY(writeTrace(m_path, m_shape));
      m_trace = SY_TRY(trace::Trace::open(m_path));
    }
    return m_trace;
  }
  const base::ThreadContext& threads() const { return m_threads; }

private:
  base::ThreadContext m_threads;
  std::filesystem::path m_path;
  TraceShape m_shape;
  std::shared_ptr<const trace::Trace> m_trace;
};

base::Result<std::int64_t> analyse(Fixture& fixture, const trace::Analyzer& prototype) {
  const auto trace = SY_TRY(fixture.trace());
  const std::unique_ptr<trace::Analyzer> analyzer = prototype.cloneEmpty();
  const std::array<trace::Analyzer*, 1> analyzers{analyzer.get()};
  const trace::ScanSummary summary = SY_TRY(trace::scan(trace, analyzers, fixture.threads()));
  const trace::AnalysisResult result = SY_TRY(analyzer->result());
  benchmark::DoNotOptimize(&result);
  return summary.tokens;
}

void run(benchmark::State& state, Fixture& fixture, const trace::Analyzer& prototype) {
  if (const auto trace = fixture.trace(); !trace) {
    state.SkipWithError(trace.error().describe().c_str());
    return;
  }
  std::int64_t tokens = 0;
  for (auto _ : state) {
    const auto read = analyse(fixture, prototype);
    if (!read) {
      state.SkipWithError(read.error().describe().c_str());
      return;
    }
    tokens += *read;
  }
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const auto fixture = std::make_shared<Fixture>(options);
  const std::vector<std::pair<std::string, std::shared_ptr<const trace::Analyzer>>> prototypes{
      {"load", std::make_shared<analyzers::Load>()},
      {"coactivation", std::make_shared<analyzers::Coactivation>()},
      {"transitions", std::make_shared<analyzers::Transitions>()},
      {"specialization", std::make_shared<analyzers::Specialization>()},
      {"entropy", std::make_shared<analyzers::Entropy>()},
      {"locality", std::make_shared<analyzers::Locality>()},
      {"npmi", std::make_shared<analyzers::Npmi>(analyzers::NpmiOptions{
                   .markers = {{.name = "wait", .spellings = {{1}, {2, 3}}},
                               {.name = "so", .spellings = {{4}}, .coefficient = -1}}})},
  };
  for (const auto& entry : prototypes) {
    const std::shared_ptr<const trace::Analyzer> prototype = entry.second;
    benchmark::RegisterBenchmark(fmt::format("analyze/{}", entry.first).c_str(),
                                 [=](benchmark::State& state) { run(state, *fixture, *prototype); })
        ->UseRealTime();
  }
}

} // namespace switchyard::bench
