// What the live view costs the thread that decodes: the demo model continues a prompt without and
// with it. Cases of one run alternate, so compare their medians (--benchmark_repetitions).

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

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

void decode(benchmark::State& state, View view, const BenchmarkOptions& options) {
  static const base::ThreadContext threads(options.threads == 0 ? 1 : options.threads);
  studio::LiveRequest request;
  request.model = demoModel(threads);
  request.folder = SY_DATA "/demo-model";
  request.prompt = "Q: Tina has 93 stamps. Tina finds 2. How many stamps does Tina have? <think>";
  request.generate.maxTokens = options.smoke ? 4 : 256;
  request.generate.stopAtEos = false;
  const auto registry = plugin::Registry::scan({.folders = {}});
  const auto prompt = request.model->tokenizer->encode(request.prompt, {.addTemplate = true});
  const std::filesystem::path trace =
      std::filesystem::temp_directory_path() / fmt::format("bench-live-{}.swy", ::getpid());
  double seconds = 0;
  std::int64_t tokens = 0;
  for (auto _ : state) {
    base::Result<studio::LiveOutcome> outcome;
    if (view == View::None) {
      auto choice = jobs::DecoderChoice::find({}, registry);
      auto decoder = choice->make();
      auto generated = jobs::generate({.model = request.model->model,
                                       .threads = threads,
                                       .decoder = **decoder,
                                       .tokenizer = request.model->tokenizer.get()},
                                      *prompt, request.generate, {}, {});
      if (generated)
        outcome->generated = *generated;
      else
        outcome = tl::unexpected<base::Error>(generated.error());
    } else {
      studio::Pacer pacer;
      std::unique_ptr<Reader> reader;
      if (view == View::FeedAndTrace)
        request.trace = trace;
      outcome = studio::runLive(
          request, registry, threads, pacer,
          [&](studio::LiveStart start) { reader = std::make_unique<Reader>(start.feed); }, {});
      std::filesystem::remove(trace);
    }
    if (!outcome) {
      state.SkipWithError(outcome.error().message.c_str());
      return;
    }
    seconds += outcome->generated.decodeSeconds;
    tokens += static_cast<std::int64_t>(outcome->generated.tokens.size());
    state.SetIterationTime(outcome->generated.decodeSeconds);
  }
  state.counters["us/token"] = 1e6 * seconds / static_cast<double>(tokens);
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
}

} // namespace switchyard::bench
