#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "app/studio/live/player.h"
#include "app/studio/timeline/lane_reader.h"
#include "app/studio/timeline/sequence_index.h"

class QComboBox;

namespace switchyard::studio {

/// Sequences and tokens of the open trace, or of the live run: label strip, a metric, phases.
/// Dragging brushes: the token filter of every view.
class Timeline : public QWidget {
  Q_OBJECT
public:
  Timeline(Player& player, Workbench& workbench);

  bool showsLive() const { return m_trace == 0; }
  ItemKey trace() const { return m_trace; } ///< 0: the live run
  /// Shows a trace of the session; 0: the live run.
  void setTrace(ItemKey trace);
  bool isReady() const { return showsLive() || m_index != nullptr; }
  const SequenceIndex* index() const { return m_index.get(); }
  std::int64_t tokens() const; ///< all of them
  /// [first, last) that is visible.
  std::pair<double, double> view() const { return {m_first, m_last}; }
  void showRange(double first, double last); ///< clamped; at least 8 tokens
  void fit();
  void setLabel(const QString& key);
  /// Columns of the metric lane that are known so far.
  int knownColumns() const { return m_lane.known(); }
  /// The other one of two compared traces has a lane of its own, if it has the same sequences.
  bool showsOther() const { return m_otherLane != nullptr; }
  int knownOtherColumns() const { return m_otherLane ? m_otherLane->known() : 0; }
  const LaneReader& lane(bool other) const { return other && m_otherLane ? *m_otherLane : m_lane; }
  QString laneName(bool other) const; ///< "A, top-1 gate"
  const std::optional<std::pair<qint64, qint64>>& brush() const {
    return m_workbench.selection().filter().range;
  }
  QRectF plot() const;
  double xOf(double token) const;
  double tokenAt(double x) const;
  QString headline() const; ///< for the dock's title and screen readers

Q_SIGNALS:
  void ready(); ///< the trace's sequences are known

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  bool event(QEvent* event) override;

private:
  enum class Drag { None, Press, Brush, Low, High };
  struct Lanes {
    QRectF axis, labels, metric, other, phases; ///< other: empty without a second text
  };
  Lanes lanes() const;
  void follow(); ///< shows what is played or chosen now
  void refreshChoice();
  void readIndex(const QString& label);
  void startSampling();
  void followCompared();
  void acceptOther(ItemKey other, const std::shared_ptr<const SequenceIndex>& index);
  bool hasOther() const; ///< a second lane, recorded or live
  void setBrush(double from, double to);
  std::int64_t cursor() const; ///< token; -1: none
  void goTo(std::int64_t token);
  void announce();

  void paintAxis(QPainter& painter, const Lanes& lanes);
  void paintLabels(QPainter& painter, const Lanes& lanes);
  void paintMetric(QPainter& painter, const Lanes& lanes);
  void paintLane(QPainter& painter, const QRectF& lane, const LaneReader& reader,
                 const QColor& color);
  void paintLiveMetric(QPainter& painter, const QRectF& lane, const Track& track, bool other);
  void paintPhases(QPainter& painter, const Lanes& lanes);
  void paintBrush(QPainter& painter, const Lanes& lanes);
  QColor labelColor(int value) const;

  Player& m_player;
  Workbench& m_workbench;
  QComboBox* m_choice;
  ItemKey m_trace = 0;
  std::shared_ptr<const SequenceIndex> m_index;
  double m_first = 0, m_last = 1;
  bool m_zoomed = false;
  LaneReader m_lane;
  std::unique_ptr<LaneReader> m_otherLane; ///< null: nothing is compared, or it does not fit
  ItemKey m_other = 0;                     ///< compared with m_trace; 0: none
  bool m_otherFits = true;                 ///< it has the same sequences
  Drag m_drag = Drag::None;
  double m_anchor = 0;
};

constexpr int kLabelColors = 7; ///< the largest values; the others share one grey

} // namespace switchyard::studio
