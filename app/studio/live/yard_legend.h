#pragma once

#include <QWidget>

#include "app/studio/live/yard_scales.h"

namespace switchyard::studio {

/// What widths and greys of the yard mean. Leaves out parts that do not fit. A click (or Enter)
/// asks for its scales to be edited.
class YardLegend : public QWidget {
  Q_OBJECT
public:
  YardLegend();
  void setHistory(int tokens, bool allRanks);
  void
  setOther(const QString& name); ///< whose strands are drawn in the pin's colour; empty: nobody's
  void setScales(const YardScales& scales);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

Q_SIGNALS:
  void gateEdited(const switchyard::studio::ColorDomain& gate);
  void bedEdited(const switchyard::studio::ColorDomain& bed);

protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

private:
  void paintParts(QPainter& painter) const;
  void describe();
  void edit();

  int m_history = 16;
  bool m_allRanks = true;
  QString m_other;
  YardScales m_scales;
};

} // namespace switchyard::studio
