#pragma once

#include <vector>

#include <QWidget>

#include "app/studio/inspector/expert_facts.h"

namespace switchyard::studio {

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
