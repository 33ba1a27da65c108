#pragma once

#include <QWidget>

#include "app/studio/live/token_metric.h"

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

/// A colour ramp with its metric and ends.
class MetricLegend : public QWidget {
  Q_OBJECT
public:
  MetricLegend();
  void setMetric(TokenMetric metric, const TrackShape& shape);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  TokenMetric m_metric = TokenMetric::TopGate;
  std::pair<double, double> m_ends{0, 1};
};

} // namespace switchyard::studio
