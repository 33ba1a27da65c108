#pragma once

#include <functional>

#include <QString>

#include "app/studio/shell/main_window.h"

namespace switchyard::studio {

/// Waits until a picture is complete, and writes it under this name.
using Shoot = std::function<base::Result<void>(const QString& name)>;

/// States of the analysis views that come by a choice: comparison normalised and of other text, the
/// form of a machine, too few documents, a cell in the inspector, a replay beside its counterpart.
/// Leaves the views as they were. Errors: those of `shoot`.
base::Result<void> shootViewStates(MainWindow& window, const QString& look, const Shoot& shoot);

} // namespace switchyard::studio
