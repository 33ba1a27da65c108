// The Studio over a trace of 10 million tokens x 48 layers: opening, the pyramid behind brushing, a
// brush, the first heatmap after a result, scrolling a table of its tokens. The trace is made once,
// in $SWITCHYARD_BENCH_TRACE or the temporary folder.

#include <filesystem>

#include <QAbstractTableModel>
#include <QApplication>
#include <QScrollBar>
#include <QTableView>
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "app/jobs/load_pyramid.h"
#include "app/studio/document/opener.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"
#include "app/studio/timeline/lane_sampler.h"
#include "app/studio/views/result_table_view.h"
#include "bench/benchmark_main.h"
#include "bench/synthetic_trace.h"

namespace switchyard::bench {

namespace {

using namespace studio;

QApplication& application() {
  static int count = 1;
  static char name[] = "bench_studio";
  static char* arguments[] = {name, nullptr};
  static const bool offscreen = qputenv("QT_QPA_PLATFORM", "offscreen");
  static QApplication application(count, arguments);
  benchmark::DoNotOptimize(offscreen);
  return application;
}

struct Made {
  std::filesystem::path path;
  std::shared_ptr<const trace::Trace> trace;
};

/// Null after an error, which is printed.
const Made& made(const TraceShape& shape) {
  static Made found;
  if (found.trace)
    return found;
  const auto path = keptTrace(shape);
  const auto trace = path ? trace::Trace::open(*path) : tl::unexpected<base::Error>(path.error());
  if (trace) {
    found.path = *path;
    found.trace = *trace;
  } else {
    fmt::print(stderr, "{}\n", trace.error().describe());
  }
  return found;
}

/// One case over the trace; `run` gets it.
template <typename Run> void add(const TraceShape& shape, const char* name, Run run) {
  benchmark::RegisterBenchmark(name,
                               [=](benchmark::State& state) {
                                 application();
                                 const Made& trace = made(shape);
                                 if (trace.trace)
                                   run(state, trace);
                                 else
                                   state.SkipWithError("the trace could not be made");
                               })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

std::shared_ptr<const HeatmapData> heatmapOf(const trace::Trace& trace,
                                             const std::vector<std::int64_t>& uses, int experts) {
  HeatmapSpec spec;
  spec.title = "Load by expert";
  spec.measure = "load";
  for (const trace::LayerInfo& layer : trace.meta().layers)
    spec.rowLabels << QString("L%1").arg(layer.layer);
  for (int expert = 0; expert < experts; ++expert)
    spec.columnLabels << QString::number(expert);
  double all = 0;
  for (const std::int64_t count : uses)
    all += static_cast<double>(count);
  for (const std::int64_t count : uses)
    spec.values.push_back(static_cast<double>(count) * static_cast<double>(uses.size()) / all);
  spec.format = ValueFormat::Times;
  spec.domain = domainFor(spec.values, DomainRule::Load);
  return prepareHeatmap(std::move(spec));
}

void paint(HeatmapScene& scene) {
  QImage image(1918, 1000, QImage::Format_RGB32);
  QPainter painter(&image);
  scene.layout(QSizeF(image.size()), 1);
  scene.paint(painter, PaintTarget::Screen);
  painter.end();
  benchmark::DoNotOptimize(image.constBits());
}

/// The tokens of the trace as rows: sequence, position, token; read when they are shown.
class Tokens final : public TableSource {
public:
  explicit Tokens(std::shared_ptr<const trace::Trace> trace) : m_trace(std::move(trace)) {
    m_columns = {{"row", "", ""}, {"sequence", "", ""}, {"position", "", ""}};
    m_length = m_trace->tokens() / m_trace->sequences();
  }
  std::int64_t rows() const override { return m_trace->tokens(); }
  const std::vector<trace::Column>& columns() const override { return m_columns; }
  trace::Cell cell(std::int64_t row, int column) const override {
    return column == 0 ? row : column == 1 ? row / m_length : row % m_length;
  }

private:
  std::shared_ptr<const trace::Trace> m_trace;
  std::vector<trace::Column> m_columns;
  std::int64_t m_length = 1;
};

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const TraceShape shape = options.smoke ? TraceShape{.layers = 4,
                                                      .experts = 16,
                                                      .k = 2,
                                                      .sequences = 20,
                                                      .tokensPerSequence = 64,
                                                      .columns = {}}
                                         : TraceShape{.layers = 48,
                                                      .experts = 64,
                                                      .k = 4,
                                                      .sequences = 10'000,
                                                      .tokensPerSequence = 1'000,
                                                      .columns = {}};
  const int threads = options.threads;
  add(shape, "open", [](benchmark::State& state, const Made& trace) {
    for (auto _ : state) {
      auto item = readItem(FileKind::Trace, QString::fromStdString(trace.path.string()));
      benchmark::DoNotOptimize(item);
    }
  });
  add(shape, "timeline_index", [](benchmark::State& state, const Made& trace) {
    for (auto _ : state) {
      auto index = SequenceIndex::build(trace.trace, {}, {});
      benchmark::DoNotOptimize(index);
    }
  });
  const auto pyramid = [threads](const Made& trace) -> const jobs::LoadPyramid& {
    static const base::ThreadContext context(threads);
    static const jobs::LoadPyramid built = *jobs::LoadPyramid::build(*trace.trace, context, {});
    return built;
  };
  add(shape, "first_heatmap", [pyramid](benchmark::State& state, const Made& trace) {
    const jobs::LoadPyramid& sums = pyramid(trace);
    const auto counts = sums.counts(0, trace.trace->tokens());
    for (auto _ : state) {
      HeatmapScene scene(heatmapOf(*trace.trace, counts.uses, sums.experts()));
      paint(scene);
    }
  });
  add(shape, "brush", [pyramid](benchmark::State& state, const Made& trace) {
    const jobs::LoadPyramid& sums = pyramid(trace);
    HeatmapScene scene(
        heatmapOf(*trace.trace, sums.counts(0, trace.trace->tokens()).uses, sums.experts()));
    std::int64_t first = 0;
    const std::int64_t step = std::max<std::int64_t>(1, trace.trace->tokens() / 97);
    for (auto _ : state) {
      first = (first + step) % (trace.trace->tokens() / 2);
      scene.setData(heatmapOf(*trace.trace,
                              sums.counts(first, first + trace.trace->tokens() / 3).uses,
                              sums.experts()));
      paint(scene);
    }
  });
  add(shape, "scroll_table", [](benchmark::State& state, const Made& trace) {
    ResultTableModel model;
    model.setSource(std::make_shared<Tokens>(trace.trace));
    QTableView view;
    view.setModel(&model);
    view.resize(800, 600);
    view.show();
    int row = 0;
    for (auto _ : state) {
      row = (row + 7919) % model.rowCount();
      view.scrollTo(model.index(row, 0), QAbstractItemView::PositionAtTop);
      benchmark::DoNotOptimize(view.viewport()->grab());
    }
  });
}

} // namespace switchyard::bench
