#pragma once

#include <vector>

#include <QWidget>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// The text token by token, underlined by a metric: which tokens are odd? Prompt muted, generated
/// strong, the shown token boxed, the one that comes next dotted.
class TokenStrip : public QWidget {
  Q_OBJECT
public:
  TokenStrip(Player& player, Workbench& workbench);

  TokenMetric metric() const { return m_metric; }
  std::optional<std::size_t> layer() const { return m_layer; }
  void setMetric(TokenMetric metric, std::optional<std::size_t> moeLayer);
  /// Where a token is drawn now; empty: scrolled out or none.
  QRectF tokenRect(std::int64_t position) const;

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

private:
  struct Place {
    int line = 0;
    double x = 0, width = 0;
  };
  void layOut(); ///< places of tokens that have none yet
  void restart();
  void showCurrent();
  std::int64_t tokenAt(QPointF at) const; ///< -1: none
  double lineHeight() const;
  QColor underline(std::int64_t position) const;

  Player& m_player;
  Workbench& m_workbench;
  TokenMetric m_metric = TokenMetric::TopGate;
  std::optional<std::size_t> m_layer;
  std::vector<Place> m_places; ///< from the track's first token on
  std::int64_t m_begin = 0;
  double m_scroll = 0; ///< px above the first visible line
};

} // namespace switchyard::studio
