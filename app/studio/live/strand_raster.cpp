#include "app/studio/live/strand_raster.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace switchyard::studio {

namespace {

constexpr int kShares = 1024;
constexpr int kSubRows = 4; ///< samples of coverage in a row of pixels; thin lines get half

std::array<float, kShares + 2> makeShares() {
  std::array<float, kShares + 2> shares{};
  for (int i = 0; i <= kShares; ++i) {
    const double goal = static_cast<double>(i) / kShares;
    double low = 0, high = 1; // height along the cubic: 1.5 t (1 - t) + t^3, rising
    for (int step = 0; step < 40; ++step) {
      const double t = (low + high) / 2;
      (1.5 * t * (1 - t) + t * t * t < goal ? low : high) = t;
    }
    shares[static_cast<std::size_t>(i)] = static_cast<float>(low * low * (3 - 2 * low));
  }
  shares[kShares + 1] = 1;
  return shares;
}

} // namespace

double strandShare(double height) {
  static const std::array<float, kShares + 2> shares = makeShares();
  const double at = std::clamp(height, 0.0, 1.0) * kShares;
  const auto index = static_cast<std::size_t>(at);
  const double part = at - static_cast<double>(index);
  return static_cast<double>(shares[index]) * (1 - part) +
         static_cast<double>(shares[index + 1]) * part;
}

StrandRaster::StrandRaster(QImage& image)
    : m_image(image), m_ratio(image.devicePixelRatio()),
      m_ends(static_cast<std::size_t>(image.width()) + 2),
      m_steps(static_cast<std::size_t>(image.width()) + 2), m_alphas(m_steps.size()) {}

void StrandRaster::draw(QPointF from, QPointF to, double width, const QColor& color, bool curved) {
  const double x0 = from.x() * m_ratio, y0 = from.y() * m_ratio;
  const double across = (to.x() - from.x()) * m_ratio, down = (to.y() - from.y()) * m_ratio;
  const double radius = width * m_ratio / 2;
  if (down <= 0)
    return;
  const int samples = radius > 1.2 ? 5 : 3;
  const int subRows = radius > 0.8 ? kSubRows : kSubRows / 2;
  const float part = 1.0f / static_cast<float>(subRows);
  const auto edge = static_cast<double>(m_image.width());
  const int top = std::max(0, static_cast<int>(std::floor(y0 - radius)));
  const int bottom = std::min(m_image.height(), static_cast<int>(std::ceil(y0 + down + radius)));
  for (int row = top; row < bottom; ++row) {
    int first = m_image.width(), last = -1;
    for (int sub = 0; sub < subRows; ++sub) {
      const double y = row + (sub + 0.5) / subRows;
      // Points of the curve that are near enough in height, widened by what is left of the radius.
      const double low = std::max(y0, y - radius), high = std::min(y0 + down, y + radius);
      if (low > high)
        continue;
      double left = edge, right = 0;
      for (int i = 0; i < samples; ++i) {
        const double at = low + (high - low) * i / (samples - 1);
        const double height = (at - y0) / down;
        const double x = x0 + across * (curved ? strandShare(height) : height);
        const double reach = std::sqrt(std::max(0.0, radius * radius - (at - y) * (at - y)));
        left = std::min(left, x - reach);
        right = std::max(right, x + reach);
      }
      left = std::clamp(left, 0.0, edge);
      right = std::clamp(right, 0.0, edge);
      if (right <= left)
        continue;
      const int begin = static_cast<int>(left), end = static_cast<int>(right);
      const auto b = static_cast<std::size_t>(begin), e = static_cast<std::size_t>(end);
      if (begin == end) {
        m_ends[b] += part * static_cast<float>(right - left);
      } else {
        m_ends[b] += part * static_cast<float>(begin + 1 - left);
        m_ends[e] += part * static_cast<float>(right - end);
        m_steps[b + 1] += part;
        m_steps[e] -= part;
      }
      first = std::min(first, begin);
      last = std::max(last, end);
    }
    if (first <= last)
      blend(row, first, last, color);
  }
}

void StrandRaster::blend(int row, int first, int last, const QColor& color) {
  const float opacity = static_cast<float>(color.alphaF()) * 256.0f;
  // Sums run from pixel to pixel; what is made of them does not, and is a loop of its own for that.
  float running = 0;
  for (int x = first; x <= last; ++x) {
    const auto i = static_cast<std::size_t>(x);
    running += m_steps[i];
    const float coverage = std::min(1.0f, running + m_ends[i]);
    m_alphas[i] = static_cast<QRgb>(static_cast<int>(coverage * opacity + 0.5f));
  }
  std::fill(m_steps.begin() + first, m_steps.begin() + last + 1, 0.0f);
  std::fill(m_ends.begin() + first, m_ends.begin() + last + 1, 0.0f);
  // Red and blue in one multiplication, green in another.
  const QRgb ink = color.rgb(), outer = ink & 0xff00ffU, inner = ink & 0xff00U;
  QRgb* const line = reinterpret_cast<QRgb*>(m_image.scanLine(row));
  const QRgb* const alphas = m_alphas.data();
  const int end = std::min(last + 1, m_image.width());
  for (int x = first; x < end; ++x) {
    const QRgb a = alphas[x], rest = 256U - a, old = line[x];
    line[x] = 0xff000000U | (((old & 0xff00ffU) * rest + outer * a) >> 8 & 0xff00ffU) |
              (((old & 0xff00U) * rest + inner * a) >> 8 & 0xff00U);
  }
}

} // namespace switchyard::studio
