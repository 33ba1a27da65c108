#pragma once

#include <QElapsedTimer>
#include <QVariantAnimation>
#include <QWidget>

#include "app/studio/live/player.h"
#include "app/studio/live/yard_painter.h"

namespace switchyard::studio {

/// The yard: which experts carry this token, and which carried the last ones.
class YardWidget : public QWidget {
  Q_OBJECT
public:
  YardWidget(Player& player, Workbench& workbench);

  /// Draws the strands of Player::other(), too.
  bool showsOther() const { return m_showsOther; }
  void setShowsOther(bool shows);
  bool usedOnly() const { return m_usedOnly; }
  void setUsedOnly(bool used);
  const YardScales& scales() const { return m_scales; }
  void setScales(const YardScales& scales);
  int lensLayer() const { return m_lensLayer; } ///< MoE layer
  void setLensLayer(int layer);
  /// What the picture leaves out: "1 column = 3 experts, maximum"; empty: nothing.
  QString headline() const;
  /// Tokens of history that are drawn now; less than the layout allows after slow frames.
  int history() const { return m_history; }
  const YardLayout& where(); ///< present layout
  YardScene scene();
  double lastFrameMs() const { return m_lastFrameMs; }
  /// Moves the primary cell: one expert or one layer.
  void movePrimary(int layers, int experts, bool extend);
  /// One sentence on the token that is shown, for screen readers.
  QString spoken() const;

  QSize minimumSizeHint() const override;

Q_SIGNALS:
  void layoutChanged(); ///< level of detail, used only, or history
  void scalesChanged(const switchyard::studio::YardScales& scales);

protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

private:
  struct Hit {
    std::optional<YardCell> cell{};
    std::int64_t token = -1; ///< whose history strand is there
    int row = -1;            ///< the layer whose label or lens is there
  };
  Hit hitAt(QPointF at);
  QString describe(const Hit& hit);
  QString describeCell(const YardCell& cell) const;
  void noteFrame(double ms);
  void fadeIn();

  Player& m_player;
  Workbench& m_workbench;
  YardPainter m_painter;
  YardLayout m_layout;
  YardInput m_input;
  bool m_layoutStale = true;
  bool m_usedOnly = false;
  bool m_showsOther = false;
  YardScales m_scales;
  int m_lensLayer = 0;
  int m_history = 16;
  int m_slowFrames = 0;
  double m_lastFrameMs = 0;
  QVariantAnimation m_fade; ///< of a new token, unless they come fast
  QElapsedTimer m_sinceToken;
  std::int64_t m_lastShown = -1;
  std::optional<YardCell> m_pressed;
  bool m_dragging = false;
};

} // namespace switchyard::studio
