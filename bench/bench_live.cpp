// What the live view costs the thread that decodes: the demo model continues a prompt without and
// with it, on one thread. All is that thread's processor time, so that a busy machine counts less.
// decode/: for the tokens from 16 to 256, so that the start does not count: decode_us/token while
// tokens are made, us/token with the finishing of the trace behind them. Compare medians
// (--benchmark_repetitions=9 --benchmark_enable_random_interleaving=true).
// rounds/: runs of 256 tokens without, with the feed, and recorded as well follow each other; the
// counters are medians over the rounds: what a token of the first took, what the latter two took of
// the first of their round, and the standard errors of these two medians.
// branch/: what a branch of the text saves.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <thread>
#include <vector>

#include <unistd.h>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "app/jobs/text.h"
#include "app/studio/live/generation.h"
#include "bench/benchmark_main.h"

namespace switchyard::bench {

namespace {

enum class View { None, Feed, FeedAndTrace };

/// The demo model, loaded once.
std::shared_ptr<const studio::LoadedModel> demoModel(const base::ThreadContext& threads) {
  static const std::shared_ptr<const studio::LoadedModel> loaded = [&] {
    auto made = std::make_shared<studio::LoadedModel>();
    auto model = model::Model::load(SY_DATA "/demo-model", threads);
    auto tokenizer = jobs::loadTokenizer(SY_DATA "/demo-model");
    if (!model || !tokenizer)
      std::abort();
    made->model = *model;
    made->tokenizer = std::make_shared<const tokenizer::Tokenizer>(*tokenizer);
    return made;
  }();
  return loaded;
}

/// Takes what arrives sixty times a second, as the window does.
class Reader {
public:
  explicit Reader(std::shared_ptr<studio::RoutingFeed> feed)
      : m_feed(std::move(feed)), m_thread([this] {
          while (!m_stop) {
            m_tokens += static_cast<std::int64_t>(m_feed->drain([](studio::TokenRouting&) {}));
            std::this_thread::sleep_for(std::chrono::milliseconds(16));
          }
        }) {}
  ~Reader() {
    m_stop = true;
    m_thread.join();
  }

private:
  std::shared_ptr<studio::RoutingFeed> m_feed;
  std::atomic<bool> m_stop{false};
  std::int64_t m_tokens = 0;
  std::thread m_thread;
};

double threadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Generates so many tokens; returns the processor seconds from the prompt's end to the last token.
base::Result<double> run(View view, const base::ThreadContext& threads, std::int64_t tokens) {
  static const auto registry = plugin::Registry::scan({.folders = {}});
  static const std::filesystem::path trace =
      std::filesystem::temp_directory_path() / fmt::format("bench-live-{}.swy", ::getpid());
  studio::LiveRequest request;
  request.model = demoModel(threads);
  request.folder = SY_DATA "/demo-model";
  request.prompt = "Q: Tina has 93 stamps. Tina finds 2. How many stamps does Tina have? <think>";
  request.generate.maxTokens = tokens;
  request.generate.stopAtEos = false;
  if (view == View::None) {
    const auto prompt =
        SY_TRY(request.model->tokenizer->encode(request.prompt, {.addTemplate = true}));
    const auto choice = SY_TRY(jobs::DecoderChoice::find({}, registry));
    const auto decoder = SY_TRY(choice.make());
    const auto generated = SY_TRY(jobs::generate({.model = request.model->model,
                                                  .threads = threads,
                                                  .decoder = *decoder,
                                                  .tokenizer = request.model->tokenizer.get()},
                                                 prompt, request.generate, {}, {}));
    return generated.decodeCpuSeconds;
  }
  if (view == View::FeedAndTrace)
    request.trace = trace;
  studio::Pacer pacer;
  std::unique_ptr<Reader> reader;
  const auto outcome = studio::runLive(
      request, registry, threads, pacer,
      [&](studio::LiveStart start) { reader = std::make_unique<Reader>(start.feed); }, {});
  std::filesystem::remove(trace);
  if (!outcome)
    return tl::unexpected<base::Error>(outcome.error());
  return outcome->generated.decodeCpuSeconds;
}

void decode(benchmark::State& state, View view, const BenchmarkOptions& options) {
  static const base::ThreadContext threads(1);
  const std::int64_t few = options.smoke ? 2 : 16, many = options.smoke ? 6 : 256;
  double total = 0, decoding = 0;
  std::int64_t tokens = 0;
  for (auto _ : state) {
    double seconds[2] = {};
    for (int i = 0; i < 2; ++i) {
      const double start = threadSeconds();
      const auto done = run(view, threads, i == 0 ? few : many);
      if (!done) {
        state.SkipWithError(done.error().message.c_str());
        return;
      }
      seconds[i] = threadSeconds() - start;
      decoding += i == 0 ? -*done : *done;
    }
    total += seconds[1] - seconds[0];
    tokens += many - few;
    state.SetIterationTime(std::max(1e-9, seconds[1] - seconds[0]));
  }
  state.counters["us/token"] = 1e6 * total / static_cast<double>(tokens);
  state.counters["decode_us/token"] = 1e6 * decoding / static_cast<double>(tokens);
}

/// The median, and its standard error from the spread of the middle half.
struct Middle {
  double median = 0, error = 0;
};

Middle middleOf(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  // Of a normal distribution: sigma = (q3 - q1) / 1.349, the median's error 1.2533 sigma / sqrt(n).
  return {at(0.5),
          1.2533 * (at(0.75) - at(0.25)) / 1.349 / std::sqrt(static_cast<double>(values.size()))};
}

void rounds(benchmark::State& state, const BenchmarkOptions& options) {
  static const base::ThreadContext threads(1);
  const std::int64_t tokens = options.smoke ? 6 : 256;
  const int count = options.smoke ? 2 : 120;
  constexpr View kViews[] = {View::None, View::Feed, View::FeedAndTrace};
  std::vector<double> plain, feed, recorded;
  for (auto _ : state) {
    for (int round = 0; round < count; ++round) {
      double seconds[3] = {};
      for (int i = 0; i < 3; ++i) { // each view comes first, second and third equally often
        const int view = (i + round) % 3;
        const auto done = run(kViews[view], threads, tokens);
        if (!done) {
          state.SkipWithError(done.error().message.c_str());
          return;
        }
        seconds[view] = *done;
      }
      plain.push_back(1e6 * seconds[0] / static_cast<double>(tokens));
      feed.push_back(seconds[1] / seconds[0]);
      recorded.push_back(seconds[2] / seconds[0]);
    }
  }
  state.counters["plain_us/token"] = middleOf(plain).median;
  state.counters["feed_of_plain"] = middleOf(feed).median;
  state.counters["feed_error"] = middleOf(feed).error;
  state.counters["recorded_of_plain"] = middleOf(recorded).median;
  state.counters["recorded_error"] = middleOf(recorded).error;
}

/// Until the first new token of a branch is there, 90 tokens into a text with a prompt of about
/// 300: with the KV state of the text before, or running everything again.
void branch(benchmark::State& state, bool kept, const BenchmarkOptions& options) {
  static const base::ThreadContext threads(1);
  static const auto registry = plugin::Registry::scan({.folders = {}});
  static const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const std::int64_t made = options.smoke ? 8 : 96;
  studio::LiveRequest request;
  request.model = demoModel(threads);
  request.folder = SY_DATA "/demo-model";
  for (int i = 0; i < (options.smoke ? 1 : 20); ++i)
    request.prompt += "Q: Tina has 93 stamps. Tina finds 2. How many does she have? ";
  request.generate.stopAtEos = false;
  for (auto _ : state) {
    studio::LiveState keeps;
    double seconds = 0;
    std::int64_t promptLength = 0;
    for (const char* part : {"first", "branch"}) {
      request.trace = folder / fmt::format("bench-branch-{}-{}.swy", ::getpid(), part);
      request.generate.maxTokens =
          request.generate.forced.empty()
              ? made
              : static_cast<std::int64_t>(request.generate.forced.size()) + 1;
      studio::Pacer pacer;
      std::unique_ptr<Reader> reader;
      const double start = threadSeconds();
      const auto outcome = studio::runLive(
          request, registry, threads, pacer,
          [&](studio::LiveStart begun) {
            promptLength = static_cast<std::int64_t>(begun.prompt.size());
            reader = std::make_unique<Reader>(begun.feed);
          },
          {}, kept ? &keeps : nullptr);
      seconds = threadSeconds() - start;
      if (!outcome) {
        state.SkipWithError(outcome.error().message.c_str());
        return;
      }
      const auto& tokens = outcome->generated.tokens;
      request.generate.forced.assign(tokens.begin(), tokens.end() - (options.smoke ? 2 : 6));
      request.generate.forced.back() =
          base::TokenId(request.generate.forced.back().value == 40 ? 41 : 40);
      request.held = promptLength + static_cast<std::int64_t>(request.generate.forced.size()) - 1;
    }
    request.generate.forced.clear();
    for (const char* part : {"first", "branch"})
      std::filesystem::remove(folder / fmt::format("bench-branch-{}-{}.swy", ::getpid(), part));
    state.SetIterationTime(std::max(1e-9, seconds));
  }
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const std::pair<const char*, View> kViews[] = {
      {"none", View::None}, {"feed", View::Feed}, {"feed_and_trace", View::FeedAndTrace}};
  for (const auto& [name, view] : kViews)
    benchmark::RegisterBenchmark(
        fmt::format("decode/demo/live:{}", name).c_str(),
        [view = view, options](benchmark::State& state) { decode(state, view, options); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("rounds/demo/live",
                               [options](benchmark::State& state) { rounds(state, options); })
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
  for (const bool kept : {false, true})
    benchmark::RegisterBenchmark(
        fmt::format("branch/demo/kv:{}", kept ? "kept" : "run_again").c_str(),
        [kept, options](benchmark::State& state) { branch(state, kept, options); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}

} // namespace switchyard::bench
