#include "app/studio/views/compare_view.h"

namespace switchyard::studio {

AgreementView::AgreementView(Workbench& workbench, const QString& id, const QString& title)
    : CompareView(workbench, id, title) {
  addAgreementParts();
  addFigureButtons();
}

} // namespace switchyard::studio
