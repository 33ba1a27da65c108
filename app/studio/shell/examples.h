#pragma once

#include <QString>

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// The folder with demo-model/, prompts/ and recipes/ that is shipped: $SWITCHYARD_DATA, the
/// installed one beside the executable, or data/ of the tree that the program was built in. Empty
/// if there is none.
QString exampleFolder();

/// The demo model, its prompt sets and the sample recipe; then the live view.
void openDemoModel(Workbench& workbench);
/// The sample trace and, to be compared with it, one of the same text with two experts per token
/// instead of four (recorded with the demo model on first use, which takes some seconds, and kept
/// in the user's cache folder); then the specialization view.
void openSampleTrace(Workbench& workbench);
/// The demo model with the sample recipe; then the steer view.
void openSampleRecipe(Workbench& workbench);

/// Records a prompt set with a model, as a job, into the user's cache folder, and opens the trace.
/// recipe: changes the routing; the trace is then opened beside the current one. 0: the model's
/// own.
void recordPrompts(Workbench& workbench, ItemKey model, ItemKey prompts, ItemKey recipe = 0);

} // namespace switchyard::studio
