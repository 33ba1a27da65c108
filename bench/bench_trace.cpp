// Writing and reading traces.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include "bench/benchmark_main.h"
#include "bench/synthetic_trace.h"
#include "core/trace/reader.h"

namespace switchyard::bench {

namespace {

/// A trace file that lives as long as this.
class TraceFile {
public:
  explicit TraceFile(std::string name)
      : m_path(std::filesystem::temp_directory_path() /
               fmt::format("switchyard-bench-{}-{}.swy", ::getpid(), name)) {}
  ~TraceFile() {
    std::error_code ignored;
    std::filesystem::remove(m_path, ignored);
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  const std::filesystem::path& path() const { return m_path; }

private:
  std::filesystem::path m_path;
};

void countTokens(benchmark::State& state, const TraceShape& shape) {
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(shape.sequences * shape.tokensPerSequence) *
                             static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void write(benchmark::State& state, const TraceFile& file, const TraceShape& shape) {
  for (auto _ : state)
    if (const auto written = writeTrace(file.path(), shape); !written) {
      state.SkipWithError(written.error().describe().c_str());
      return;
    }
  countTokens(state, shape);
  std::error_code ignored;
  state.counters["B/id"] =
      static_cast<double>(std::filesystem::file_size(file.path(), ignored)) /
      static_cast<double>(shape.sequences * shape.tokensPerSequence * shape.layers * shape.k);
}

base::Result<void> readAll(const std::filesystem::path& path) {
  const auto trace = SY_TRY(trace::Trace::open(path));
  const auto reader = SY_TRY(trace->reader());
  for (std::int64_t i = 0; i < trace->sequences(); ++i) {
    const trace::SequenceInfo info = SY_TRY(reader->sequence(i));
    SY_TRY(reader->forEachBlock(info, trace->columns(), {}, 0,
                                static_cast<std::int64_t>(info.tokens.size()),
                                [](const trace::RoutingBlock& block) -> base::Result<void> {
                                  benchmark::DoNotOptimize(block.ids.data());
                                  return {};
                                }));
  }
  return {};
}

void read(benchmark::State& state, const TraceFile& file, const TraceShape& shape) {
  if (const auto written = writeTrace(file.path(), shape); !written) {
    state.SkipWithError(written.error().describe().c_str());
    return;
  }
  for (auto _ : state)
    if (const auto done = readAll(file.path()); !done) {
      state.SkipWithError(done.error().describe().c_str());
      return;
    }
  countTokens(state, shape);
}

/// What opening alone costs.
void open(benchmark::State& state, const TraceFile& file, const TraceShape& shape) {
  if (const auto written = writeTrace(file.path(), shape); !written) {
    state.SkipWithError(written.error().describe().c_str());
    return;
  }
  for (auto _ : state)
    if (const auto trace = trace::Trace::open(file.path()); !trace) {
      state.SkipWithError(trace.error().describe().c_str());
      return;
    }
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  struct Recorded {
    const char* name;
    trace::Columns columns;
  };
  for (const Recorded& recorded : {Recorded{"ids", {}},
                                   {"ids,weights", {.weights = true}},
                                   {"ids,weights,logits", {.weights = true, .logits = true}}}) {
    TraceShape shape{.columns = recorded.columns};
    if (options.smoke)
      shape = {.layers = 2,
               .experts = 8,
               .k = 2,
               .sequences = 2,
               .tokensPerSequence = 20,
               .columns = recorded.columns};
    using Body = void (*)(benchmark::State&, const TraceFile&, const TraceShape&);
    for (const auto& [name, body] :
         {std::pair<const char*, Body>{"write", &write}, {"read", &read}, {"open", &open}}) {
      const auto file = std::make_shared<TraceFile>(fmt::format("{}-{}", name, recorded.name));
      const Body run = body;
      benchmark::RegisterBenchmark(fmt::format("trace_{}/{}", name, recorded.name).c_str(),
                                   [=](benchmark::State& state) { run(state, *file, shape); })
          ->UseRealTime();
    }
  }
}

} // namespace switchyard::bench
