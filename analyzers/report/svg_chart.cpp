#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"
#include "analyzers/report/palette.h"
#include "analyzers/report/scale.h"
#include "analyzers/report/svg_parts.h"

namespace switchyard::analyzers::report {

namespace {

constexpr double kPlotWidth = 640, kPlotHeight = 340, kLeft = 76;
constexpr double kTop = kContentTop + 12, kBottom = kTop + kPlotHeight;
constexpr const char* kDashes[] = {"", "7 3", "2 3", "9 3 2 3"};

struct Range {
  double low = 0, high = 0;
  bool seen = false;
  void add(double value) {
    if (!std::isfinite(value))
      return;
    low = seen ? std::min(low, value) : value;
    high = seen ? std::max(high, value) : value;
    seen = true;
  }
};

class ChartPainter {
public:
  ChartPainter(SvgCanvas& canvas, const trace::Chart& chart) : m_canvas(canvas), m_chart(chart) {
    Range x, y;
    for (const trace::Series& s : chart.series) {
      for (double value : s.x)
        x.add(value);
      for (double value : s.y)
        y.add(value);
      for (const auto& [low, high] : s.intervals) {
        y.add(low);
        y.add(high);
      }
    }
    if (chart.reference)
      y.add(*chart.reference);
    if (chart.kind == trace::ChartKind::Bar || (y.low > 0 && y.low < 0.5 * y.high))
      y.add(0);
    m_y = niceScale(y.low, y.high, kBottom, kTop);
    m_x = x.seen && x.high > x.low ? LinearScale{x.low, x.high, kLeft + 12, kLeft + kPlotWidth - 12}
                                   : niceScale(x.low, x.high, kLeft, kLeft + kPlotWidth);
  }

  CanvasSize paint() {
    axes();
    if (m_chart.kind == trace::ChartKind::Bar)
      bars();
    else
      points();
    if (m_chart.reference) {
      const double y = m_y(*m_chart.reference);
      m_canvas.line(kLeft, y, kLeft + kPlotWidth, y, kInk, 1, "5 4");
      m_canvas.text(kLeft + kPlotWidth - 4, y - 4, m_chart.referenceLabel, kLabelSize, Anchor::End);
    }
    const double below = m_chart.kind == trace::ChartKind::Bar ? categoryLabels() : 18;
    m_canvas.text(kLeft + kPlotWidth / 2, kBottom + below + 16,
                  withUnit(m_chart.xTitle, m_chart.xUnit), kLabelSize, Anchor::Middle);
    return legend(kBottom + below + 30);
  }

private:
  void axes() {
    for (double tick : ticks(m_y.low, m_y.high, 6)) {
      m_canvas.line(kLeft, m_y(tick), kLeft + kPlotWidth, m_y(tick), kFaint);
      m_canvas.text(kLeft - 6, m_y(tick) + 4, shortNumber(tick), kLabelSize, Anchor::End);
    }
    m_canvas.line(kLeft, kTop, kLeft, kBottom, kInk);
    m_canvas.line(kLeft, kBottom, kLeft + kPlotWidth, kBottom, kInk);
    m_canvas.text(20, kTop + kPlotHeight / 2, withUnit(m_chart.yTitle, m_chart.yUnit), kLabelSize,
                  Anchor::Middle, -90);
    if (m_chart.kind == trace::ChartKind::Bar)
      return;
    for (double tick : ticks(m_x.low, m_x.high, 8)) {
      m_canvas.line(m_x(tick), kBottom, m_x(tick), kBottom + 4, kInk);
      m_canvas.text(m_x(tick), kBottom + 17, shortNumber(tick), kLabelSize, Anchor::Middle);
    }
  }

  double slot() const {
    return kPlotWidth / static_cast<double>(std::max<std::size_t>(m_chart.categories.size(), 1));
  }

  void interval(const trace::Series& s, std::size_t i, double x) {
    if (i >= s.intervals.size() || !std::isfinite(s.intervals[i].first) ||
        !std::isfinite(s.intervals[i].second))
      return;
    const double low = m_y(s.intervals[i].first), high = m_y(s.intervals[i].second);
    m_canvas.path(fmt::format("M{0},{1}V{2}M{3},{1}H{4}M{3},{2}H{4}", pixels(x), pixels(low),
                              pixels(high), pixels(x - 3), pixels(x + 3)),
                  "none", kInk, 1);
  }

  void bars() {
    const auto groups = static_cast<double>(std::max<std::size_t>(m_chart.series.size(), 1));
    const double width = slot() * 0.8 / groups;
    const double zero = m_y(std::clamp(0.0, m_y.low, m_y.high));
    for (std::size_t s = 0; s < m_chart.series.size(); ++s) {
      const trace::Series& series = m_chart.series[s];
      for (std::size_t i = 0; i < std::min(series.y.size(), m_chart.categories.size()); ++i) {
        const double x =
            kLeft + (static_cast<double>(i) + 0.1) * slot() + static_cast<double>(s) * width;
        if (!std::isfinite(series.y[i])) {
          m_canvas.rect(x, kBottom - 12, width, 12, "url(#no-data)", "no data");
          continue;
        }
        const double y = m_y(series.y[i]);
        m_canvas.rect(x, std::min(y, zero), width, std::fabs(y - zero), seriesColour(s),
                      fmt::format("{}, {}: {}", m_chart.categories[i], series.name,
                                  shortNumber(series.y[i])));
        interval(series, i, x + width / 2);
      }
    }
  }

  double categoryLabels() {
    double longest = 0;
    for (const std::string& category : m_chart.categories)
      longest = std::max(longest, std::min(textWidth(category, kLabelSize), 160.0));
    const bool turned = longest > slot();
    const auto step = static_cast<std::size_t>(std::max(1.0, std::ceil((kLabelSize + 2) / slot())));
    for (std::size_t i = 0; i < m_chart.categories.size(); i += turned ? step : 1) {
      const double x = kLeft + (static_cast<double>(i) + 0.5) * slot();
      m_canvas.text(x + (turned ? 4 : 0), kBottom + (turned ? 6 : 16),
                    fitted(m_chart.categories[i], kLabelSize, 160), kLabelSize,
                    turned ? Anchor::End : Anchor::Middle, turned ? -90 : 0);
    }
    return turned ? longest + 10 : 18;
  }

  void points() {
    for (std::size_t s = 0; s < m_chart.series.size(); ++s) {
      const trace::Series& series = m_chart.series[s];
      std::string path;
      bool pen = false;
      const std::size_t count = std::min(series.x.size(), series.y.size());
      for (std::size_t i = 0; i < count; ++i) {
        pen = pen && std::isfinite(series.y[i]); // a gap where there is no data
        if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i]))
          continue;
        const double x = m_x(series.x[i]), y = m_y(series.y[i]);
        path += fmt::format("{}{},{}", pen ? "L" : "M", pixels(x), pixels(y));
        pen = true;
        interval(series, i, x);
        if (m_chart.kind == trace::ChartKind::Scatter || count <= 40)
          m_canvas.circle(x, y, 3, seriesColour(s),
                          fmt::format("{}{}: {}, {}", series.name,
                                      i < series.labels.size() ? " " + series.labels[i] : "",
                                      shortNumber(series.x[i]), shortNumber(series.y[i])));
      }
      if (m_chart.kind == trace::ChartKind::Line && !path.empty())
        m_canvas.path(path, "none", seriesColour(s), 1.8, kDashes[s / 8 % 4], 1, series.name);
    }
  }

  CanvasSize legend(double y) {
    double x = kLeft;
    for (std::size_t s = 0; s < m_chart.series.size(); ++s) {
      const std::string name = fitted(m_chart.series[s].name, kLabelSize, 220);
      const double width = textWidth(name, kLabelSize) + 42;
      if (x + width > kLeft + kPlotWidth && x > kLeft) {
        x = kLeft;
        y += 18;
      }
      if (m_chart.kind == trace::ChartKind::Line)
        m_canvas.line(x, y + 6, x + 22, y + 6, seriesColour(s), 2.4, kDashes[s / 8 % 4]);
      else
        m_canvas.rect(x + 8, y, 12, 12, seriesColour(s));
      m_canvas.text(x + 27, y + 10, name, kLabelSize);
      x += width;
    }
    return {kLeft + kPlotWidth + 24, y + 28};
  }

  SvgCanvas& m_canvas;
  const trace::Chart& m_chart;
  LinearScale m_x, m_y;
};

} // namespace

CanvasSize drawChart(SvgCanvas& canvas, const trace::Chart& chart) {
  return ChartPainter(canvas, chart).paint();
}

} // namespace switchyard::analyzers::report
