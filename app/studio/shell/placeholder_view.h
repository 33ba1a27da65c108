#pragma once

#include "app/studio/shell/view.h"

namespace switchyard::studio {

/// A view that is not there yet: says what it needs.
class PlaceholderView : public View {
  Q_OBJECT
public:
  PlaceholderView(Workbench& workbench, const QString& id, const QString& title);
};

} // namespace switchyard::studio
