// Frames of the live view's yard, painted by QPainter without a window: the budget of the design is
// 10 ms a frame at 60 layers of 512 experts, top-8.

#include <cstdlib>
#include <utility>

#include <QApplication>
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "app/studio/live/yard_painter.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"
#include "bench/benchmark_main.h"
#include "tests/studio/made_up_track.h"

namespace switchyard::bench {

namespace {

QApplication& application() {
  static int count = 1;
  static char name[] = "bench_yard";
  static char* arguments[] = {name, nullptr};
  static const bool offscreen = qputenv("QT_QPA_PLATFORM", "offscreen");
  static QApplication application(count, arguments);
  benchmark::DoNotOptimize(offscreen);
  return application;
}

struct Case {
  const char* name;
  int layers, experts, k;
  QSize size; ///< of the yard in a window of 1280x800 or 2560x1440
  bool usedOnly = false;
};

constexpr int kTokens = 96;

/// Tokens from a frame to the next one: 1 is what generating does; after more than the history is
/// long nothing of the frame before can be used.
enum Step { SameToken = 0, NextToken = 1, OtherToken = 20 };

void paintFrames(benchmark::State& state, const Case& one, Step step) {
  application();
  const studio::TrackShape shape = tests::shapeOf(one.layers, one.experts, one.k);
  const studio::Track track = tests::madeUpTrack(shape, kTokens);
  studio::YardInput input{.size = QSizeF(one.size), .layers = one.layers, .experts = one.experts};
  if (one.usedOnly)
    for (int l = 0; l < one.layers; ++l)
      input.used.push_back(
          studio::yard::usedExperts(track, static_cast<std::size_t>(l), kTokens - 1, 16));
  const studio::YardLayout layout(input);
  QImage image(one.size, QImage::Format_RGB32);
  studio::YardPainter yard;
  studio::YardScene scene;
  scene.track = &track;
  scene.position = kTokens - 1;
  scene.tokenIn = scene.tokenOut = "5";
  for (auto _ : state) {
    scene.position += step;
    if (scene.position >= kTokens)
      scene.position -= kTokens - 32;
    QPainter painter(&image);
    yard.paint(painter, layout, scene, one.size, 1.0);
    painter.end();
    benchmark::DoNotOptimize(image.constBits());
  }
}

} // namespace

void registerBenchmarks(const BenchmarkOptions&) {
  static const Case kCases[] = {
      {"demo/6x32/top4/1280", 6, 32, 4, {806, 300}},
      {"demo/6x32/top4/2560", 6, 32, 4, {1918, 820}},
      {"24x32/top4/1280", 24, 32, 4, {806, 400}},
      {"48x128/top8/1280", 48, 128, 8, {806, 400}},
      {"60x512/top8/1280", 60, 512, 8, {806, 400}},
      {"60x512/top8/2560", 60, 512, 8, {1918, 1000}},
      {"60x512/top8/2560/tall", 60, 512, 8, {1918, 1600}}, // all strands: the worst case
      {"60x512/top8/2560/used", 60, 512, 8, {1918, 1000}, true},
  };
  static constexpr std::pair<Step, const char*> kSteps[] = {
      {NextToken, "new_token"}, {OtherToken, "other_token"}, {SameToken, "same_token"}};
  for (const Case& one : kCases)
    for (const auto& [step, name] : kSteps)
      benchmark::RegisterBenchmark(
          fmt::format("yard/{}/{}", one.name, name).c_str(),
          [&one, step = step](benchmark::State& state) { paintFrames(state, one, step); })
          ->Unit(benchmark::kMillisecond);
}

} // namespace switchyard::bench
