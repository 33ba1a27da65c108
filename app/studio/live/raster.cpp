#include "app/studio/live/raster.h"

#include <cmath>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {
constexpr double kLeft = 30, kBelow = 16, kTop = 4, kRight = 10;
constexpr double kMaxColumn = 13, kMinColumn = 3;
} // namespace

Raster::Raster(Player& player, Workbench& workbench) : m_player(player), m_workbench(workbench) {
  setObjectName("raster");
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Raster, tokens by layers"));
  const auto repaint = [this] { update(); };
  connect(&player, &Player::advanced, this, repaint);
  connect(&player, &Player::reelChanged, this, [this] {
    m_stale = true;
    m_zoom = 1;
    setFollows(true);
    update();
  });
  connect(&workbench.selection(), &Selection::tokensChanged, this, repaint);
  connect(&workbench.selection(), &Selection::hoverChanged, this, repaint);
  const auto redraw = [this] {
    m_stale = true;
    update();
  };
  connect(&player, &Player::scalesChanged, this, redraw);
  connect(&workbench.selection(), &Selection::filterChanged, this, redraw);
  connect(&workbench.document(), &Document::currentChanged, this,
          redraw); // the brush is its trace's
  connect(&Theme::instance(), &Theme::changed, this, redraw);
}

QSize Raster::minimumSizeHint() const {
  return {Theme::instance().px(200), Theme::instance().px(90)};
}

void Raster::setMetric(TokenMetric metric) {
  m_metric = metric;
  m_stale = true;
  update();
}

void Raster::setFollows(bool follows) {
  if (m_follows == follows)
    return;
  m_follows = follows;
  update();
  Q_EMIT followsChanged(follows);
}

void Raster::zoom(double factor) {
  m_zoom = std::clamp(m_zoom * factor, 1.0 / 512, 4.0);
  m_stale = true;
  update();
}

QRectF Raster::plot() const {
  const Theme& theme = Theme::instance();
  return QRectF(theme.px(kLeft), theme.px(kTop), width() - theme.px(kLeft + kRight),
                height() - theme.px(kTop + kBelow));
}

void Raster::place() {
  const Track* track = m_player.track();
  if (!track)
    return;
  const QRectF area = plot();
  const double tokens =
      static_cast<double>(std::max<std::int64_t>(1, track->end() - track->begin()));
  const double scale = Theme::instance().scalePercent() / 100.0;
  const double fit = std::clamp(area.width() / tokens, kMinColumn, kMaxColumn * scale);
  const double wanted = fit * m_zoom;
  const int perColumn = std::max(1, static_cast<int>(std::ceil(kMinColumn / wanted)));
  m_columnWidth = std::max(kMinColumn, wanted * perColumn);
  if (perColumn != m_perColumn) {
    m_perColumn = perColumn;
    m_stale = true;
  }
  const auto columns =
      static_cast<std::int64_t>(area.width() / m_columnWidth + 1e-6); // all that fit exactly
  const std::int64_t room = std::max<std::int64_t>(1, columns) * m_perColumn;
  const std::int64_t last = std::max(track->begin(), track->end() - room);
  if (m_follows) {
    const std::int64_t focus =
        m_player.source() == PlaySource::Replay ? m_player.cursor() : track->end() - 1;
    m_first =
        std::clamp(focus - room + 1 + (m_player.source() == PlaySource::Replay ? room / 4 : 0),
                   track->begin(), last);
  }
  m_first = std::clamp(m_first, track->begin(), last);
  m_first = track->begin() + (m_first - track->begin()) / m_perColumn * m_perColumn;
}

void Raster::render() {
  const Track& track = *m_player.track();
  const int rows = static_cast<int>(track.layers());
  const std::int64_t begin = track.begin();
  const std::int64_t columns = (track.end() - begin + m_perColumn - 1) / m_perColumn;
  const bool fresh =
      m_stale || m_image.height() != rows || m_imageFirst != begin || m_imageEnd > track.end();
  std::int64_t from = fresh ? 0 : (m_imageEnd - begin) / m_perColumn;
  if (!fresh && m_imageEnd == track.end())
    return;
  if (fresh || m_image.width() < columns) {
    QImage larger(static_cast<int>(std::max<std::int64_t>(64, columns * 2)), rows,
                  QImage::Format_RGB32);
    if (!fresh)
      for (int y = 0; y < rows; ++y)
        std::copy_n(reinterpret_cast<const QRgb*>(m_image.constScanLine(y)), m_image.width(),
                    reinterpret_cast<QRgb*>(larger.scanLine(y)));
    m_image = larger;
  }
  m_stale = false;
  m_imageFirst = begin;
  const Theme& theme = Theme::instance();
  const ColorDomain scale = m_player.scaleOf(m_metric);
  const ColorMap& map = scale.isDiverging() ? theme.diverging() : theme.sequential();
  const QRgb unknown = theme.color(Ink::NoData).rgb();
  const QRgb filtered = theme.color(Ink::FilteredOut).rgb();
  for (int row = 0; row < rows; ++row) {
    auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(row));
    for (std::int64_t column = from; column < columns; ++column) {
      float most = NAN; // of the tokens that share the column
      bool any = false;
      for (std::int64_t p = begin + column * m_perColumn;
           p < std::min(track.end(), begin + (column + 1) * m_perColumn); ++p) {
        if (!m_player.passes(p))
          continue;
        any = true;
        const float value =
            valueOf(m_metric, track, p, static_cast<std::size_t>(row), m_player.npmi());
        if (!(most >= value))
          most = std::isnan(value) ? most : value;
      }
      line[column] = !any               ? filtered
                     : std::isnan(most) ? unknown
                                        : map.at(scale.share(static_cast<double>(most)));
    }
  }
  m_imageEnd = track.end();
}

QRectF Raster::cellRect(std::int64_t position, std::size_t layer) const {
  const Track* track = m_player.track();
  if (!track || position < m_first || !track->contains(position))
    return {};
  const QRectF area = plot();
  const double high = area.height() / static_cast<double>(track->layers());
  const double x =
      area.left() + static_cast<double>((position - m_first) / m_perColumn) * m_columnWidth;
  if (x + m_columnWidth > area.right() + 1)
    return {};
  return QRectF(x, area.top() + static_cast<double>(layer) * high, m_columnWidth, high);
}

} // namespace switchyard::studio
