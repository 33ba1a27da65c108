// What watching costs the thread that decodes, without a model: the live view's feed and the
// recorder are shown made-up tokens of the demo model's shape in a loop. us/token is that thread's
// processor time. Steadier than bench_live, which decodes, but with warm caches.

#include <algorithm>
#include <ctime>
#include <filesystem>

#include <unistd.h>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "app/jobs/recording.h"
#include "app/jobs/trace_meta.h"
#include "app/studio/live/candidates.h"
#include "app/studio/live/generation.h"
#include "bench/benchmark_main.h"
#include "core/base/rng.h"

namespace switchyard::bench {

namespace {

constexpr std::int64_t kTokens = 500;
constexpr std::size_t kLayers = 6, kExperts = 32, kVocabulary = 4096;

std::vector<float> normal(std::size_t count, std::uint64_t stream) {
  base::Rng rng(3, stream);
  std::vector<float> values(count);
  for (float& value : values)
    value = static_cast<float>(rng.nextNormal() * 3);
  return values;
}

/// What a model shows of one token after the other.
class MadeUpTokens {
public:
  std::span<const float> scores() const { return m_scores; }
  base::Result<void> show(std::int64_t position, hooks::Observer& observer) const {
    static constexpr std::int32_t kIds[] = {3, 17, 30, 8};
    static constexpr float kWeights[] = {0.4f, 0.3f, 0.2f, 0.1f};
    const hooks::RowInfo row{base::SequenceId(0), base::TokenPos(position), base::TokenId(7)};
    hooks::RouterEvent event;
    event.rows = {&row, 1};
    event.experts = static_cast<int>(kExperts);
    event.k = 4;
    event.ids = kIds;
    event.weights = kWeights;
    for (std::size_t layer = 0; layer < kLayers; ++layer) {
      event.layer = base::LayerId(static_cast<int>(layer));
      event.logits = std::span(m_logits).subspan(layer * kExperts, kExperts);
      SY_TRY(observer.onRouter(event));
    }
    return {};
  }

private:
  std::vector<float> m_logits = normal(kLayers * kExperts, 1), m_scores = normal(kVocabulary, 2);
};

double threadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

base::Result<double> feedSeconds(const trace::TraceMeta& meta, const MadeUpTokens& tokens) {
  studio::RoutingFeed feed({.shape = {meta.layers, true, true, false}});
  studio::CandidateFinder finder;
  studio::NextToken next;
  const double start = threadSeconds();
  for (std::int64_t position = 0; position < kTokens; ++position) {
    SY_TRY(tokens.show(position, feed));
    finder.find(tokens.scores(), base::TokenId(7), next);
    next.token = 7;
    feed.setNext(next);
  }
  return threadSeconds() - start;
}

/// Without the finishing of the trace.
base::Result<double> recorderSeconds(const trace::TraceMeta& meta, const MadeUpTokens& tokens) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("bench-observers-{}.swy", ::getpid());
  auto recording =
      SY_TRY(jobs::startRecording(path, meta, studio::LiveRequest{}.columns, "made-up", "", {}));
  const double start = threadSeconds();
  for (std::int64_t position = 0; position < kTokens; ++position)
    SY_TRY(tokens.show(position, *recording.recorder));
  const double seconds = threadSeconds() - start;
  SY_TRY(recording.recorder->abandonSequence());
  SY_TRY(recording.writer->stop());
  std::filesystem::remove(path);
  return seconds;
}

base::Result<trace::TraceMeta> demoMeta() {
  const std::filesystem::path folder = SY_DATA "/demo-model";
  return jobs::describeModel(SY_TRY(model::readConfig(folder)), folder);
}

void watch(benchmark::State& state, bool records) {
  static const auto meta = demoMeta();
  const MadeUpTokens tokens;
  double total = 0;
  for (auto _ : state) {
    const auto seconds = !meta     ? base::Result<double>(tl::unexpected<base::Error>(meta.error()))
                         : records ? recorderSeconds(*meta, tokens)
                                   : feedSeconds(*meta, tokens);
    if (!seconds) {
      state.SkipWithError(seconds.error().describe().c_str());
      return;
    }
    total += *seconds;
    state.SetIterationTime(std::max(1e-9, *seconds));
  }
  state.counters["us/token"] = 1e6 * total / static_cast<double>(state.iterations() * kTokens);
}

} // namespace

void registerBenchmarks(const BenchmarkOptions&) {
  for (const bool records : {false, true})
    benchmark::RegisterBenchmark(records ? "watch/recorder" : "watch/feed",
                                 [records](benchmark::State& state) { watch(state, records); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
}

} // namespace switchyard::bench
