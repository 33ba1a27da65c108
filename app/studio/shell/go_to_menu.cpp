#include "app/studio/shell/go_to_menu.h"

#include <QMenu>

namespace switchyard::studio {

void addGoTo(QMenu& menu, Workbench& workbench, const ExpertKey& expert) {
  QMenu* go = menu.addMenu(Workbench::tr("Go to"));
  for (const auto& [id, title] : {std::pair("experts", Workbench::tr("Experts")),
                                  std::pair("coactivation", Workbench::tr("Co-activation")),
                                  std::pair("specialization", Workbench::tr("Specialization"))})
    go->addAction(title, [&workbench, expert, view = QString(id)] {
      workbench.selection().select(expert);
      workbench.showView(view);
    });
}

} // namespace switchyard::studio
