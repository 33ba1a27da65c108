#include "app/studio/live/yard_painter.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "app/studio/live/strand_raster.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kHistoryWidth = 1.25;

/// Greys of the bed by the number of tokens that used an expert.
class Greys {
public:
  Greys(int tokens, const YardScales& scales) {
    for (int uses = 0; uses <= tokens; ++uses)
      m_colors.push_back(yard::bedColor(static_cast<double>(uses) / std::max(1, tokens), scales).rgb());
  }
  QRgb of(int uses) const {
    return m_colors[std::min(m_colors.size() - 1, static_cast<std::size_t>(uses))];
  }

private:
  std::vector<QRgb> m_colors;
};

/// The cells of one row as one line of device pixels, from the plot's left end on.
void shadeRow(std::span<QRgb> line, std::span<const int> counts, const YardLayout& layout,
              const Greys& greys, double ratio) {
  const int perColumn = layout.expertsPerColumn();
  const auto pixels = static_cast<double>(line.size());
  for (int column = 0; column < layout.columns(); ++column) {
    int most = 0;
    for (int e = column * perColumn; e < std::min(layout.experts(), (column + 1) * perColumn); ++e)
      most = std::max(most, counts[static_cast<std::size_t>(e)]);
    const double left = column * layout.columnWidth() * ratio;
    const double right = left + (layout.columnWidth() - layout.gap()) * ratio;
    const auto from = static_cast<std::ptrdiff_t>(std::clamp(std::round(left), 0.0, pixels));
    const auto to = static_cast<std::ptrdiff_t>(std::clamp(std::round(right), 0.0, pixels));
    std::fill(line.begin() + from, line.begin() + to, greys.of(most));
  }
}

} // namespace

void YardPainter::invalidate() {
  m_previous = QImage();
  m_key = {};
}

void YardPainter::renderBed(const YardLayout& layout, const YardScene& scene) {
  const double ratio = m_image.devicePixelRatio();
  const QRectF& plot = layout.plot();
  const std::int64_t to = scene.position + 1;
  const std::int64_t from = std::max(scene.track->begin(), to - kBedWindow);
  const int tokens = static_cast<int>(std::max<std::int64_t>(0, to - from));
  std::vector<int> counts(static_cast<std::size_t>(layout.experts()));
  const int left = std::clamp(qRound(plot.left() * ratio), 0, m_image.width());
  const int right = std::clamp(qRound(plot.right() * ratio), left, m_image.width());
  // What the rows of the bed do not cover is canvas; each pixel is written once.
  const QRgb canvas = Theme::instance().color(Ink::Canvas).rgb();
  const auto wholeLine = [&](int y) {
    return std::span(reinterpret_cast<QRgb*>(m_image.scanLine(y)), static_cast<std::size_t>(m_image.width()));
  };
  int clear = 0; // lines that are done
  const auto clearTo = [&](int y) {
    for (; clear < y; ++clear)
      std::ranges::fill(wholeLine(clear), canvas);
  };
  if (layout.usedOnly())
    clearTo(m_image.height());
  for (int layer = 0; layer < layout.layers(); layer += layout.layersPerRow()) {
    std::ranges::fill(counts, 0);
    const int last = std::min(layout.layers(), layer + layout.layersPerRow());
    for (int l = layer; l < last; ++l)
      scene.track->countUses(static_cast<std::size_t>(l), from, to, counts);
    const Greys greys(tokens * (last - layer), scene.scales);
    if (layout.usedOnly()) {
      QPainter painter(&m_image);
      for (int e = 0; e < layout.experts(); ++e)
        if (const QRectF cell = layout.cell(layer, e); !cell.isEmpty())
          painter.fillRect(cell.toAlignedRect(), greys.of(counts[static_cast<std::size_t>(e)]));
      continue;
    }
    const QRectF row = layout.rowRect(layer);
    const int top = std::clamp(qRound(row.top() * ratio), 0, m_image.height());
    const int bottom = std::clamp(qRound(row.bottom() * ratio), top, m_image.height());
    if (top == bottom)
      continue;
    clearTo(top + 1);
    shadeRow(wholeLine(top).subspan(static_cast<std::size_t>(left), static_cast<std::size_t>(right - left)), counts,
             layout, greys, ratio);
    for (; clear < bottom; ++clear)
      std::ranges::copy(wholeLine(top), wholeLine(clear).begin());
  }
  clearTo(m_image.height());
}

void YardPainter::renderStrands(const YardLayout& layout, const YardScene& scene) {
  const Theme& theme = Theme::instance();
  StrandRaster raster(m_image);
  const bool curved = layout.detail() != StrandDetail::FirstLines;
  const double base = theme.isDark() ? 0.42 : 0.60;
  const int history = std::min(scene.history, layout.history());
  QColor color = theme.color(Ink::TextMuted);
  for (int age = history; age >= 1; --age) {
    const std::int64_t position = scene.position - age;
    if (!scene.track->has(position))
      continue;
    color.setAlphaF(static_cast<float>(base * std::pow(1 - age / (history + 1.0), 1.5)));
    for (const yard::Segment& segment : yard::firstSegments(layout, *scene.track, position))
      raster.draw(segment.from, segment.to, kHistoryWidth, color, curved);
  }
  for (const yard::Segment& segment : yard::tokenSegments(layout, *scene.track, scene.position,
                                                          !scene.tokenOut.isEmpty()))
    raster.draw(segment.from, segment.to, yard::strandWidth(segment.gate, scene.scales, layout),
                yard::strandColor(segment.gate, scene.scales), curved);
  if (!scene.other || !scene.other->has(scene.position))
    return;
  color = theme.color(Ink::Pin);
  color.setAlphaF(0.75f);
  for (const yard::Segment& segment :
       yard::tokenSegments(layout, *scene.other, scene.position, false))
    raster.draw(segment.from, segment.to, yard::strandWidth(segment.gate, scene.scales, layout), color, curved);
}

void YardPainter::render(const YardLayout& layout, const YardScene& scene, QSize size,
                         double ratio) {
  const QSize pixels = (QSizeF(size) * ratio).toSize();
  if (m_image.size() != pixels)
    m_image = QImage(pixels, QImage::Format_RGB32);
  m_image.setDevicePixelRatio(ratio);
  renderBed(layout, scene);
  const bool shown = scene.track->has(scene.position);
  if (shown)
    renderStrands(layout, scene);
  QPainter painter(&m_image);
  if (shown)
    yard::paintStations(painter, layout, scene);
  yard::paintLabels(painter, layout, scene);
  if (!shown)
    return;
  painter.setRenderHint(QPainter::Antialiasing);
  yard::paintGutter(painter, layout, scene);
  yard::paintChips(painter, layout, scene);
  yard::paintLens(painter, layout, scene);
}

void YardPainter::paint(QPainter& painter, const YardLayout& layout, const YardScene& scene,
                        QSize size, double devicePixelRatio, double shown) {
  if (!scene.track || scene.track->layers() == 0 || size.isEmpty())
    return;
  const Key key{scene.track,     scene.other,      scene.position, scene.history,
                scene.lensLayer, size,             devicePixelRatio, scene.tokenIn,
                scene.tokenOut,  scene.textOut,   scene.scales};
  if (!(key == m_key)) {
    if (key.position != m_key.position && shown < 1)
      m_previous = std::exchange(m_image, QImage());
    render(layout, scene, size, devicePixelRatio);
    m_key = key;
  }
  if (shown < 1 && m_previous.size() == m_image.size()) {
    painter.drawImage(QPoint(0, 0), m_previous);
    painter.setOpacity(shown);
  }
  painter.drawImage(QPoint(0, 0), m_image);
  painter.setOpacity(1);
  painter.setRenderHint(QPainter::Antialiasing);
  if (scene.hoveredToken >= 0 && scene.track->has(scene.hoveredToken)) {
    painter.setPen(QPen(Theme::instance().color(Ink::Text), 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(yard::firstChoices(layout, *scene.track, scene.hoveredToken));
  }
  yard::paintMarks(painter, layout, scene);
  yard::paintSelection(painter, layout, scene);
}

} // namespace switchyard::studio
