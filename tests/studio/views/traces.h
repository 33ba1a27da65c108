#pragma once

#include <filesystem>

#include <gtest/gtest.h>

#include "app/jobs/capture.h"
#include "app/studio/shell/workbench.h"
#include "tests/studio/wait.h"

namespace switchyard::tests {

/// A trace of the demo model over the first documents of each domain, recorded once for all tests.
/// seed: another one gives another trace of the same text only if the model samples.
std::filesystem::path demoTrace();
/// The same text with a recipe that bans an expert: same tokens, other routing.
std::filesystem::path bannedTrace();
/// Another text: nothing of it aligns with demoTrace().
std::filesystem::path otherTrace();

/// Opens a trace and waits until it is in the document; 0: it was not.
studio::ItemKey openTrace(studio::Workbench& workbench, const std::filesystem::path& path);

/// The plugins of the build tree.
std::shared_ptr<plugin::Registry> builtPlugins();

} // namespace switchyard::tests
