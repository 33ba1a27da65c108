#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"
#include "analyzers/report/palette.h"
#include "analyzers/report/svg_parts.h"

namespace switchyard::analyzers::report {

namespace {

constexpr double kTreeHeight = 70;

/// From values to colours: diverging about a neutral value, sequential without one.
class ColourScale {
public:
  explicit ColourScale(const trace::Heatmap& map) : m_neutral(map.neutral) {
    bool seen = false;
    for (double v : map.values) {
      if (!std::isfinite(v))
        continue;
      m_low = seen ? std::min(m_low, v) : v;
      m_high = seen ? std::max(m_high, v) : v;
      seen = true;
    }
    if (m_neutral) {
      m_low = std::min(m_low, *m_neutral);
      m_high = std::max(m_high, *m_neutral);
    }
  }
  /// Position on the scale, 0..1.
  double share(double value) const {
    if (!m_neutral)
      return m_high > m_low ? (value - m_low) / (m_high - m_low) : 0.5;
    if (value < *m_neutral)
      return 0.5 * (value - m_low) / (*m_neutral - m_low);
    return m_high > *m_neutral ? 0.5 + 0.5 * (value - *m_neutral) / (m_high - *m_neutral) : 0.5;
  }
  std::string colour(double value) const { return colourAt(share(value)); }
  std::string colourAt(double share) const {
    return m_neutral ? divergingColour(share) : sequentialColour(share);
  }
  void legend(SvgCanvas& canvas, double x, double y, double height, const std::string& unit) const {
    constexpr int kSteps = 64;
    for (int s = 0; s < kSteps; ++s)
      canvas.rect(x, y + height - (s + 1) * height / kSteps, 14, height / kSteps + 0.5,
                  colourAt((s + 0.5) / kSteps));
    const auto mark = [&](double value, const char* what) {
      const double at = y + height - share(value) * height;
      canvas.line(x + 14, at, x + 18, at, kInk);
      canvas.text(x + 21, at + 4, shortNumber(value, 3) + what, kLabelSize);
    };
    if (m_high > m_low) {
      mark(m_low, "");
      mark(m_high, "");
      if (m_neutral && *m_neutral > m_low && *m_neutral < m_high)
        mark(*m_neutral, " (neutral)");
      if (!m_neutral)
        mark((m_low + m_high) / 2, "");
    } else {
      mark(m_low, "");
    }
    canvas.text(x, y - 8, unit, kLabelSize);
    canvas.rect(x, y + height + 16, 14, 14, "url(#no-data)");
    canvas.text(x + 21, y + height + 27, "no data", kLabelSize);
  }

private:
  std::optional<double> m_neutral;
  double m_low = 0, m_high = 0;
};

double longestLabel(const std::vector<std::string>& labels) {
  double longest = 0;
  for (const std::string& label : labels)
    longest = std::max(longest, textWidth(label, kLabelSize));
  return std::min(longest, 180.0);
}

/// Labels of an axis, leaving out as many as would overlap.
std::size_t labelStep(double cell) {
  return static_cast<std::size_t>(std::max(1.0, std::ceil((kLabelSize + 2) / cell)));
}

void drawTree(SvgCanvas& canvas, const trace::Heatmap& map, double left, double top, double cell) {
  const std::size_t leaves = map.x.labels.size();
  struct Node {
    double x = 0, height = 0;
  };
  std::vector<Node> nodes(leaves);
  for (std::size_t i = 0; i < leaves; ++i)
    nodes[i].x = left + (static_cast<double>(i) + 0.5) * cell;
  double tallest = 0;
  for (const trace::DendrogramMerge& merge : map.merges)
    tallest = std::max(tallest, merge.height);
  const auto y = [&](double height) {
    return top + kTreeHeight - 4 - (tallest > 0 ? height / tallest : 0) * (kTreeHeight - 10);
  };
  for (const trace::DendrogramMerge& merge : map.merges) {
    const auto a = static_cast<std::size_t>(merge.left), b = static_cast<std::size_t>(merge.right);
    if (merge.left < 0 || merge.right < 0 || a >= nodes.size() || b >= nodes.size())
      return;
    const Node l = nodes[a], r = nodes[b];
    canvas.path(fmt::format("M{},{}V{}H{}V{}", pixels(l.x), pixels(y(l.height)),
                            pixels(y(merge.height)), pixels(r.x), pixels(y(r.height))),
                "none", kInk, 1);
    nodes.push_back({(l.x + r.x) / 2, merge.height});
  }
}

} // namespace

CanvasSize drawHeatmap(SvgCanvas& canvas, const trace::Heatmap& map) {
  const std::size_t columns = map.x.labels.size(), rows = map.y.labels.size();
  const bool tree = !map.merges.empty() && columns == rows;
  const double cellWidth =
      std::clamp(900.0 / static_cast<double>(std::max<std::size_t>(columns, 1)), 4.0, 28.0);
  const double cellHeight =
      tree ? cellWidth
           : std::clamp(700.0 / static_cast<double>(std::max<std::size_t>(rows, 1)), 4.0, 28.0);
  const double left = 44 + longestLabel(map.y.labels);
  const double top = kContentTop + 12 + (tree ? kTreeHeight : 0);
  const double width = cellWidth * static_cast<double>(columns);
  const double height = cellHeight * static_cast<double>(rows);
  const ColourScale scale(map);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns && r * columns + c < map.values.size(); ++c) {
      const double value = map.values[r * columns + c];
      const bool known = std::isfinite(value);
      canvas.rect(left + static_cast<double>(c) * cellWidth,
                  top + static_cast<double>(r) * cellHeight, cellWidth, cellHeight,
                  known ? scale.colour(value) : "url(#no-data)",
                  fmt::format("{} {}, {} {}: {}", map.y.title, map.y.labels[r], map.x.title,
                              map.x.labels[c], known ? shortNumber(value) : "no data"));
    }
  }
  const bool turned = longestLabel(map.x.labels) > cellWidth;
  for (std::size_t r = 0; r < rows; r += labelStep(cellHeight))
    canvas.text(left - 5, top + (static_cast<double>(r) + 0.5) * cellHeight + 4,
                fitted(map.y.labels[r], kLabelSize, 180), kLabelSize, Anchor::End);
  for (std::size_t c = 0; c < columns; c += labelStep(cellWidth))
    canvas.text(left + (static_cast<double>(c) + 0.5) * cellWidth + (turned ? 4 : 0),
                top + height + (turned ? 6 : 15), fitted(map.x.labels[c], kLabelSize, 180),
                kLabelSize, turned ? Anchor::End : Anchor::Middle, turned ? -90 : 0);
  const double below = turned ? longestLabel(map.x.labels) + 12 : 18;
  canvas.text(left + width / 2, top + height + below + 14, map.x.title, kLabelSize, Anchor::Middle);
  canvas.text(20, top + height / 2, map.y.title, kLabelSize, Anchor::Middle, -90);
  if (tree)
    drawTree(canvas, map, left, kContentTop + 12, cellWidth);
  const double legendHeight = std::clamp(height - 30, 80.0, 240.0);
  scale.legend(canvas, left + width + 24, top + 10, legendHeight, map.unit);
  return {left + width + 24 + std::max(120.0, textWidth(map.unit, kLabelSize) + 12),
          top + std::max(height + below + 28, legendHeight + 60)};
}

} // namespace switchyard::analyzers::report
