#include "app/studio/shell/placeholder_view.h"

namespace switchyard::studio {

PlaceholderView::PlaceholderView(Workbench& workbench, const QString& id, const QString& title)
    : View(workbench, id, title) {
  setCanvas(new QWidget);
  setHeader(title);
  showEmpty(tr("No routing recorded yet"),
            tr("This view needs the routing of some text: record a prompt set, or open a trace."),
            {{tr("Open trace…"), [&workbench] {
                if (QAction* open = workbench.actions().action("file.open-trace"))
                  open->trigger();
              }}});
}

} // namespace switchyard::studio
