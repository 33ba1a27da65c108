#pragma once

#include <gtest/gtest.h>

#include "app/studio/views/analysis_view.h"
#include "app/studio/views/figure_panel.h"
#include "tests/studio/views/traces.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {

using tests::waitFor;

inline const HeatmapData& heatmap(const FigurePanel* panel) {
  return dynamic_cast<HeatmapScene*>(panel->figure()->scene())->data();
}

/// A view over the demo trace, shown, its result there.
template <typename T> struct Open {
  Workbench workbench{tests::builtPlugins()};
  T view;
  explicit Open(const char* id) : view(workbench, id, id) {
    EXPECT_NE(tests::openTrace(workbench, tests::demoTrace()), 0);
    view.resize(806, 560);
    view.show();
    ok = waitFor([&] { return view.analysis() != nullptr; }) && view.stateText().isEmpty();
  }
  bool ok = false; ///< the result is there and nothing stands in its place
  bool idle() {
    return waitFor([&] { return workbench.jobs().active() == 0; }) &&
           waitFor([&] { return view.stateText().isEmpty(); });
  }
};

} // namespace switchyard::studio
