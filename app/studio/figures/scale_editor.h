#pragma once

#include <functional>

#include <QFrame>

#include "app/studio/figures/color_domain.h"
#include "app/studio/figures/value_text.h"

class QVBoxLayout;

namespace switchyard::studio {

/// The popup below a legend in which the ends of its scales are changed. Deletes itself when it is
/// closed.
class ScaleEditor : public QFrame {
  Q_OBJECT
public:
  explicit ScaleEditor(QWidget& legend);

  /// One scale. `name`: over its fields; empty: there is no other. Shares (ValueFormat::Percent)
  /// are entered as percent. edited: with ends that differ from those before and are in order (low
  /// < centre < high); reset: "As designed".
  void add(const QString& name, const ColorDomain& domain, ValueFormat format,
           const std::function<void(const ColorDomain&)>& edited,
           const std::function<void()>& reset);
  void open(); ///< at the legend's lower right corner, the first field focused

private:
  QWidget& m_legend;
  QVBoxLayout* m_column;
};

} // namespace switchyard::studio
