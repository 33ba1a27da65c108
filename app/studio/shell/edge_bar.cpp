#include "app/studio/shell/edge_bar.h"

#include <algorithm>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

EdgeBar::EdgeBar(const QString& id, const QString& title, Qt::Orientation orientation,
                 QWidget* parent)
    : QToolBar(title, parent) {
  setObjectName(id);
  setMovable(false);
  setFloatable(false);
  setContextMenuPolicy(Qt::PreventContextMenu);
  setOrientation(orientation);
  hide();
}

void EdgeBar::watch(Dock* dock, const QString& iconName) {
  QAction* open = addAction(icon(iconName), dock->windowTitle());
  open->setToolTip(tr("Open %1").arg(dock->windowTitle()));
  connect(open, &QAction::triggered, dock, [dock] {
    dock->show();
    dock->raise();
  });
  m_watched.push_back({dock, open});
  connect(dock->toggleViewAction(), &QAction::toggled, this, &EdgeBar::update);
  update();
}

void EdgeBar::update() {
  const Theme& theme = Theme::instance();
  bool any = false;
  for (const Watched& watched : m_watched) {
    const bool closed = watched.dock->isHidden();
    watched.action->setVisible(closed);
    any = any || closed;
  }
  if (orientation() == Qt::Vertical)
    setFixedWidth(theme.px(28));
  else
    setFixedHeight(theme.px(28));
  setVisible(any);
}

} // namespace switchyard::studio
