#include "app/studio/live/expert_menu.h"

#include <QCoreApplication>
#include <QMenu>

#include "app/studio/shell/boost_popup.h"
#include "app/studio/shell/go_to_menu.h"
#include "app/studio/theme/icons.h"

namespace switchyard::studio {

namespace {
QString tr(const char* text) {
  return QCoreApplication::translate("ExpertMenu", text);
}
} // namespace

void fillExpertMenu(QMenu& menu, Workbench& workbench, const ExpertKey& expert) {
  const QString name = toText(expert);
  menu.addAction(icon("slash-circle"), tr("Ban %1").arg(name),
                 [&workbench, expert] { workbench.steer(SteerStep::Ban, expert); });
  menu.addAction(tr("Boost %1…").arg(name), [parent = menu.parentWidget(), &workbench, expert] {
    showBoostPopup(workbench, expert, parent);
  });
  menu.addAction(tr("Force %1").arg(name),
                 [&workbench, expert] { workbench.steer(SteerStep::Force, expert); });
  menu.addSeparator();
  Selection& selection = workbench.selection();
  const bool pinned = selection.pin() == Mark(expert);
  menu.addAction(
      icon("pin-angle"), pinned ? tr("Unpin %1").arg(name) : tr("Pin %1").arg(name),
      [&selection, expert, pinned] { selection.setPin(pinned ? Mark() : Mark(expert)); });
  menu.addAction(icon("funnel"), tr("Show only tokens routed to %1").arg(name),
                 [&selection, expert] {
                   TokenFilter filter = selection.filter();
                   filter.routedTo = expert;
                   selection.setFilter(filter);
                 });
  addGoTo(menu, workbench, expert);
  menu.addSeparator();
  for (const char* id : {"edit.copy-data", "edit.copy-image", "file.export", "edit.copy-command"})
    if (QAction* action = workbench.actions().action(id))
      menu.addAction(action);
  menu.addAction(icon("clipboard"), tr("Copy “%1”").arg(name),
                 [&workbench, name] { workbench.copyText(name, name); });
}

} // namespace switchyard::studio
