#pragma once

#include <QImage>
#include <QWidget>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// Tokens × layers, a metric by colour: when does routing change along the text?
class Raster : public QWidget {
  Q_OBJECT
public:
  Raster(Player& player, Workbench& workbench);

  TokenMetric metric() const { return m_metric; }
  void setMetric(TokenMetric metric);
  bool follows() const { return m_follows; }
  void setFollows(bool follows);
  /// Tokens that share a column; 1 unless zoomed out.
  int tokensPerColumn() const { return m_perColumn; }
  QRectF cellRect(std::int64_t position, std::size_t layer) const; ///< empty: not visible
  void zoom(double factor);
  void scroll(std::int64_t columns); ///< no longer follows the end
  QSize minimumSizeHint() const override;

Q_SIGNALS:
  void followsChanged(bool follows);

protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  bool event(QEvent* event) override;

private:
  struct Hit {
    std::int64_t position = -1;
    int layer = -1;
  };
  void place(); ///< column width, first column
  QRectF plot() const;
  Hit hitAt(QPointF at) const;
  void render();
  void paintFrame(QPainter& painter);

  Player& m_player;
  Workbench& m_workbench;
  TokenMetric m_metric = TokenMetric::TopGate;
  bool m_follows = true;
  double m_zoom = 1;
  double m_columnWidth = 12;
  int m_perColumn = 1;
  std::int64_t m_first = 0; ///< token of the first column
  QImage m_image;           ///< one pixel a cell, from m_imageFirst on
  std::int64_t m_imageFirst = 0, m_imageEnd = 0;
  bool m_stale = true;
};

} // namespace switchyard::studio
