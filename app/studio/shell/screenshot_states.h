#pragma once

#include "app/studio/shell/camera.h"

namespace switchyard::studio {

/// Pictures of what the window says when there is nothing to show or something went wrong: empty
/// views, a damaged model, files that are gone, a session that cannot be saved, unsaved work that
/// was found, a plugin that ended the program. Each is brought about, in a scratch folder; the
/// session is empty before and afterwards. Errors: Io.
base::Result<void> shootStates(MainWindow& window, Camera& camera);

} // namespace switchyard::studio
