// From a brush on the timeline until a view shows it: each view, and Results with each analyzer and
// simulator. On the demo model's trace of the shipped prompts, and on one of 10 million tokens x 48
// layers; both are made once, in $SWITCHYARD_BENCH_TRACE or the temporary folder. Time is the
// clock's; work_ms: processor time of all threads; blocked_ms: the longest event that the GUI
// thread handled; tokens: of what is shown.

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <functional>
#include <optional>

#include <QComboBox>
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "app/jobs/capture.h"
#include "app/studio/shell/watchdog.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/cache_view.h"
#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/compare_view.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/plugin_view.h"
#include "app/studio/views/specialization_view.h"
#include "bench/benchmark_main.h"
#include "bench/synthetic_trace.h"

namespace switchyard::bench {

namespace {

using namespace studio;
namespace fs = std::filesystem;

void makeApplication() {
  static int count = 1;
  static char name[] = "bench_brush";
  static char* arguments[] = {name, nullptr};
  qputenv("QT_QPA_PLATFORM", "offscreen");
  new StudioApplication(count, arguments); // never destroyed: what the views keep would outlive it
  Theme::instance();                       // sets the application's style: before there are widgets
}

double processSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Runs the event loop until `condition` holds; false: it never did.
bool waitFor(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
  return true;
}

/// The demo model's routing of the shipped prompts, recorded unless it was before.
base::Result<fs::path> demoTrace(const std::shared_ptr<plugin::Registry>& registry) {
  jobs::CaptureOptions options;
  options.model = SY_DATA "/demo-model";
  options.prompts = SY_DATA "/prompts/domains.jsonl";
  options.out = keptFolder() / "bench-demo.swy";
  options.columns = {.weights = true, .logits = true};
  options.registry = registry;
  options.overwrite = true;
  const auto trace = trace::Trace::open(options.out);
  if (!trace || !(*trace)->complete())
    SY_TRY(jobs::capture(options, base::ThreadContext(), {}));
  return options.out;
}

using MakeView = std::function<std::unique_ptr<AnalysisView>(Workbench&)>;

/// A view over a trace; a second one of the same tokens is there to be compared.
class Brushed {
public:
  Brushed(const std::shared_ptr<plugin::Registry>& registry, const fs::path& trace,
          const MakeView& make)
      : m_workbench(registry) {
    const fs::path twin = trace.parent_path() / (trace.stem().string() + "-twin.swy");
    std::error_code error;
    fs::remove(twin, error);
    fs::create_symlink(trace.filename(), twin, error);
    const ItemKey other = open(twin);
    m_trace = open(trace);
    m_workbench.document().setCurrent(ItemKind::Trace, m_trace);
    m_view = make(m_workbench);
    m_view->resize(806, 559);
    m_view->show();
    if (auto* compare = dynamic_cast<CompareView*>(m_view.get()))
      compare->setTraces(m_trace, other); // the rows of A are those that are brushed
    if (auto* results = dynamic_cast<PluginView*>(m_view.get()))
      results->run();
    m_ready = waitFor([&] { return shown() != nullptr; });
    settle();
  }
  bool isReady() const { return m_ready; }

  struct Cost {
    double seconds = 0, work = 0; ///< the clock's, and processor time of all threads
    double tokens = 0;            ///< of what is shown
    double blocked = 0;           ///< milliseconds of the longest event until then
  };
  /// Brushes rows [first, last) and waits until they are painted, or a sample of them. Nothing:
  /// they never are.
  std::optional<Cost> brush(qint64 first, qint64 last) {
    const void* before = shown();
    std::optional<Cost> cost;
    auto* application = static_cast<StudioApplication*>(QCoreApplication::instance());
    application->resetLongest();
    const auto start = std::chrono::steady_clock::now();
    const double work = processSeconds();
    // The exact numbers may follow before the event loop returns.
    const auto seen = QObject::connect(m_view.get(), &View::capabilitiesChanged, m_view.get(), [&] {
      if (cost || shown() == before)
        return;
      m_view->repaint();
      cost = Cost{std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                  processSeconds() - work, shownTokens()};
    });
    QMetaObject::invokeMethod(
        m_view.get(),
        [&] {
          m_workbench.selection().setFilter({.range = std::pair(first, last), .routedTo = {}});
        },
        Qt::QueuedConnection);
    QCoreApplication::processEvents();
    waitFor([&] { return cost.has_value() || m_workbench.jobs().active() == 0; });
    QObject::disconnect(seen);
    if (cost)
      cost->blocked = application->longestMs();
    return cost;
  }
  /// Stops what is still being computed: the exact numbers.
  void settle() {
    m_workbench.jobs().cancelAll();
    waitFor([&] { return m_workbench.jobs().active() == 0; });
    QCoreApplication::processEvents();
  }
  qint64 tokens() { return m_workbench.document().item(m_trace)->trace->tokens(); }
  double shownTokens() const {
    const auto* compare = dynamic_cast<const CompareView*>(m_view.get());
    return static_cast<double>(compare ? compare->comparison()->alignedTokens
                                       : m_view->analysis()->results.front().provenance.tokens);
  }

private:
  ItemKey open(const fs::path& path) {
    const QString name = QString::fromStdString(path.string());
    m_workbench.opener().open(name);
    const auto key = [&] { return m_workbench.document().findByPath(ItemKind::Trace, name); };
    waitFor([&] { return key() != 0 && m_workbench.jobs().active() == 0; });
    return key();
  }
  const void* shown() const {
    if (const auto* compare = dynamic_cast<const CompareView*>(m_view.get()))
      return compare->comparison().get();
    return m_view->analysis().get();
  }

  Workbench m_workbench;
  std::unique_ptr<AnalysisView> m_view;
  ItemKey m_trace = 0;
  bool m_ready = false;
};

template <typename T> MakeView plain(const char* id) {
  return [id](Workbench& workbench) { return std::make_unique<T>(workbench, id, id); };
}

/// Experts with a metric that has no pyramid: load is drawn from sums that are there before.
std::unique_ptr<AnalysisView> experts(Workbench& workbench) {
  auto view = std::make_unique<ExpertsView>(workbench, "experts", "Experts");
  view->setMetric("load/load_experts/gate_mass");
  return view;
}

MakeView results(const std::string& plugin) {
  return [plugin](Workbench& workbench) {
    auto view = std::make_unique<PluginView>(workbench, "results", "Results");
    view->setPlugin(QString::fromStdString(plugin));
    if (plugin == "npmi") // ids, so that no tokenizer is needed
      view->form()->setArguments({{"markers", "the:1:300"}});
    if (auto* reference = view->findChild<QComboBox*>("reference");
        reference && plugin == "agreement")
      reference->setCurrentIndex(1);
    return view;
  };
}

constexpr int kIterations = 7;

void add(const std::string& name, const std::function<base::Result<fs::path>()>& trace,
         const std::shared_ptr<plugin::Registry>& registry, const MakeView& make, int iterations) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [=](benchmark::State& state) {
                                 makeApplication();
                                 const auto path = trace();
                                 if (!path)
                                   return state.SkipWithError(path.error().describe().c_str());
                                 Brushed view(registry, *path, make);
                                 if (!view.isReady())
                                   return state.SkipWithError("nothing is shown");
                                 const qint64 tokens = view.tokens(),
                                              step = std::max<qint64>(1, tokens / 97);
                                 qint64 first = 0;
                                 double work = 0, blocked = 0;
                                 for (auto _ : state) {
                                   first = (first + step) % (tokens / 2);
                                   const auto cost = view.brush(first, first + tokens / 2);
                                   if (!cost) {
                                     state.SkipWithError("no preview came");
                                     break;
                                   }
                                   state.SetIterationTime(cost->seconds);
                                   state.counters["tokens"] = cost->tokens;
                                   work += cost->work;
                                   blocked = std::max(blocked, cost->blocked);
                                   view.settle();
                                 }
                                 state.counters["blocked_ms"] = blocked;
                                 state.counters["work_ms"] = benchmark::Counter(
                                     work * 1e3, benchmark::Counter::kAvgIterations);
                               })
      ->Unit(benchmark::kMillisecond)
      ->UseManualTime()
      ->Iterations(iterations);
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const auto registry = plugin::Registry::scan({.folders = {{SY_BUILT_PLUGINS, "build tree"}}});
  const TraceShape shape = options.smoke ? TraceShape{.layers = 2,
                                                      .experts = 16,
                                                      .k = 2,
                                                      .sequences = 40,
                                                      .tokensPerSequence = 1'000,
                                                      .columns = {}}
                                         : TraceShape{.layers = 48,
                                                      .experts = 64,
                                                      .k = 4,
                                                      .sequences = 10'000,
                                                      .tokensPerSequence = 1'000,
                                                      .columns = {}};
  const auto synthetic = [shape] { return keptTrace(shape); };
  const auto demo = [registry] { return demoTrace(registry); };
  const int iterations = options.smoke ? 1 : kIterations;
  const auto addAll = [&](const std::string& trace,
                          const std::function<base::Result<fs::path>()>& path, bool hasLogits) {
    add(trace + "/experts", path, registry, experts, iterations);
    add(trace + "/coactivation", path, registry, plain<CoactivationView>("coactivation"),
        iterations);
    add(trace + "/specialization", path, registry, plain<SpecializationView>("specialization"),
        iterations);
    add(trace + "/cache", path, registry, plain<CacheView>("cache"), iterations);
    add(trace + "/compare", path, registry, plain<CompareView>("compare"), iterations);
    add(trace + "/agreement", path, registry, plain<AgreementView>("agreement"), iterations);
    for (const char* plugin : {"load", "specialization", "coactivation", "transitions", "npmi",
                               "agreement", "locality", "expert-cache"})
      add(trace + "/results:" + plugin, path, registry, results(plugin), iterations);
    if (hasLogits)
      add(trace + "/results:entropy", path, registry, results("entropy"), iterations);
  };
  if (!options.smoke)
    addAll("demo", demo, true);
  addAll(options.smoke ? "small" : "10M", synthetic, false);
}

} // namespace switchyard::bench
