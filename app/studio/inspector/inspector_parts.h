#pragma once

#include <optional>
#include <vector>

#include <QWidget>

#include "app/studio/inspector/expert_facts.h"
#include "app/studio/live/player.h"

namespace switchyard::studio {

/// Rows "label  value", with a second value in the pin's colour where something is pinned.
class FactRows : public QWidget {
  Q_OBJECT
public:
  struct Row {
    QString label, value, pinned{}, help{};
  };
  void setRows(std::vector<Row> rows);
  QString text() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

private:
  double rowHeight() const;
  std::vector<Row> m_rows;
};

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

/// Lift of labels as bars with 95 % intervals; a line at 1, the chance. The pin's as a mark.
class LiftBars : public QWidget {
  Q_OBJECT
public:
  static constexpr std::size_t kShown = 8;
  void setLifts(std::vector<LabelLift> lifts, std::vector<LabelLift> pinned);
  QString text() const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  std::vector<LabelLift> m_lifts, m_pinned;
};

/// "9.4×"
QString timesText(double value);

} // namespace switchyard::studio
