#pragma once

#include <QWidget>

namespace switchyard::studio {

/// What widths and greys of the yard mean. Leaves out parts that do not fit.
class YardLegend : public QWidget {
  Q_OBJECT
public:
  YardLegend();
  void setHistory(int tokens, bool allRanks);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  int m_history = 16;
  bool m_allRanks = true;
};

} // namespace switchyard::studio
