#pragma once

#include <QToolBar>

#include "app/studio/shell/dock.h"

namespace switchyard::studio {

/// The 28 px edge to which closed docks of one side collapse: a button each, which opens it again.
/// Hidden while none is closed.
class EdgeBar : public QToolBar {
  Q_OBJECT
public:
  EdgeBar(const QString& id, const QString& title, Qt::Orientation orientation,
          QWidget* parent = nullptr);
  /// Shows a button while the dock is closed.
  void watch(Dock* dock, const QString& iconName);

private:
  void update();
  struct Watched {
    Dock* dock;
    QAction* action;
  };
  std::vector<Watched> m_watched;
};

} // namespace switchyard::studio
