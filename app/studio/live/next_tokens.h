#pragma once

#include <vector>

#include <QWidget>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// What could come next, with probabilities. Under self-contrast the strong and the weak pass stand
/// beside what the contrast makes of them; under rerouting the offsets' norm and the loss. A click
/// continues with that token instead (undoable).
class NextTokens : public QWidget {
  Q_OBJECT
public:
  NextTokens(Player& player, Workbench& workbench);

  /// "self-contrast off", "rerouting: ..." for the header.
  QString headline() const;
  int rows() const;
  QRectF rowRect(int row) const;
  int current() const { return m_current; } ///< row that the keyboard is on
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

private:
  const NextToken* next() const;
  bool contrasts() const;
  void choose(int row);
  void describe();

  Player& m_player;
  int m_hovered = -1;
  int m_current = 0;
};

/// "0.991", "< 0.001"
QString probabilityText(double probability);
/// The norm of a rerouting's offsets over all layers and its losses, from the newest record at or
/// before `position`; empty: none.
QString reroutingText(const Track& track, std::int64_t position);

} // namespace switchyard::studio
