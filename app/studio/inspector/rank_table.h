#pragma once

#include <optional>

#include <QWidget>

#include "app/studio/live/player.h"

namespace switchyard::studio {

/// The experts of a token by rank, layer by layer; a click makes one the primary expert.
class RankTable : public QWidget {
  Q_OBJECT
public:
  RankTable(Player& player, Workbench& workbench);
  void setToken(std::optional<std::int64_t> position);
  QString text() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

private:
  std::optional<ExpertKey> expertAt(QPointF at) const;
  int shownRanks() const;
  int rankWidth() const;

  Player& m_player;
  Workbench& m_workbench;
  std::optional<std::int64_t> m_position;
};

} // namespace switchyard::studio
