#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "app/studio/live/player.h"
#include "app/studio/timeline/lane_sampler.h"
#include "app/studio/timeline/sequence_index.h"

class QComboBox;

namespace switchyard::studio {

/// Sequences and tokens of the open trace, or of the live run: label strip, a metric, phases. Dragging
/// brushes: the token filter of every view.
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
  int knownColumns() const;
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
    QRectF axis, labels, metric, phases;
  };
  Lanes lanes() const;
  void follow(); ///< shows what is played or chosen now
  void refreshChoice();
  void readIndex(const QString& label);
  void startSampling();
  void samplePass();
  void setBrush(double from, double to);
  std::int64_t cursor() const; ///< token; -1: none
  void goTo(std::int64_t token);
  void announce();

  void paintAxis(QPainter& painter, const Lanes& lanes);
  void paintLabels(QPainter& painter, const Lanes& lanes);
  void paintMetric(QPainter& painter, const Lanes& lanes);
  void paintLiveMetric(QPainter& painter, const QRectF& lane);
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
  std::shared_ptr<LaneSampler> m_sampler; ///< null: made by the next pass
  LaneRange m_range;          ///< that m_values belong to
  std::vector<float> m_values; ///< NaN: not known yet
  std::vector<int> m_order;
  std::size_t m_done = 0; ///< columns of m_order that were read
  Drag m_drag = Drag::None;
  double m_anchor = 0;
};

constexpr int kLabelColors = 7; ///< the largest values; the others share one grey

} // namespace switchyard::studio
