// Heatmap images: pyramid, reduction to the screen, pixels, and the blit of what was painted.

#include <cmath>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <QImage>
#include <QPainter>

#include "app/studio/figures/heatmap_image.h"
#include "bench/benchmark_main.h"
#include "core/base/rng.h"

namespace switchyard::bench {

namespace {

using namespace studio;

struct Case {
  int rows, columns;
  QSize size; ///< of the cells on screen
};

std::vector<double> randomLoads(const Case& one) {
  base::Rng rng(5, 0);
  std::vector<double> values(static_cast<std::size_t>(one.rows) *
                             static_cast<std::size_t>(one.columns));
  for (double& value : values)
    value = std::exp2(static_cast<double>(rng.nextU64() >> 40) * 0x1p-22 - 2);
  return values;
}

QImage draw(const GridPyramid& pyramid, const Case& one, const ColorDomain& domain,
            const ColorMap& map) {
  const int rowBin = GridPyramid::binFor(one.rows, one.size.height());
  const int columnBin = GridPyramid::binFor(one.columns, one.size.width());
  const DrawnGrid grid =
      pyramid.reduce({0, one.rows, 0, one.columns}, rowBin, columnBin, Binning::Maximum);
  CellImageOptions options;
  options.domain = domain;
  options.map = &map;
  return cellImage(grid, pixelSpans(grid.rows, one.size.height(), 0),
                   pixelSpans(grid.columns, one.size.width(), 0), one.size, options);
}

ColorMap greyMap() {
  std::array<QRgb, ColorMap::kEntries> entries{};
  for (std::size_t i = 0; i < entries.size(); ++i)
    entries[i] = qRgb(static_cast<int>(i), static_cast<int>(i), static_cast<int>(i));
  return ColorMap(entries);
}

void makePyramid(benchmark::State& state, const Case& one) {
  const std::vector<double> values = randomLoads(one);
  for (auto _ : state)
    benchmark::DoNotOptimize(GridPyramid(values, one.rows, one.columns));
}

void makeImage(benchmark::State& state, const Case& one) {
  const std::vector<double> values = randomLoads(one);
  const GridPyramid pyramid(values, one.rows, one.columns);
  const ColorDomain domain = domainFor(values, DomainRule::Load);
  const ColorMap map = greyMap();
  for (auto _ : state)
    benchmark::DoNotOptimize(draw(pyramid, one, domain, map));
}

void blitImage(benchmark::State& state, const Case& one) {
  const std::vector<double> values = randomLoads(one);
  const QImage image = draw(GridPyramid(values, one.rows, one.columns), one,
                            domainFor(values, DomainRule::Load), greyMap());
  QImage screen(one.size, QImage::Format_RGB32);
  for (auto _ : state) {
    QPainter painter(&screen);
    painter.drawImage(QPoint(0, 0), image);
    painter.end();
    benchmark::ClobberMemory();
  }
}

} // namespace

void registerBenchmarks(const BenchmarkOptions& options) {
  const std::vector<Case> cases = options.smoke ? std::vector<Case>{{4, 16, {64, 32}}}
                                                : std::vector<Case>{{60, 512, {700, 430}},
                                                                    {60, 512, {1800, 1080}},
                                                                    {2048, 2048, {1800, 1080}}};
  for (const Case& one : cases) {
    const std::string name =
        fmt::format("{}x{}/{}x{}", one.rows, one.columns, one.size.width(), one.size.height());
    const auto add = [&](const char* what, void (*run)(benchmark::State&, const Case&)) {
      benchmark::RegisterBenchmark(fmt::format("{}/{}", what, name).c_str(),
                                   [=](benchmark::State& state) { run(state, one); })
          ->Unit(benchmark::kMillisecond);
    };
    add("pyramid", makePyramid);
    add("image", makeImage);
    add("blit", blitImage);
  }
}

} // namespace switchyard::bench
