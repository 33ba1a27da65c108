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

/// All of the shipped prompts; and with an expert banned.
std::filesystem::path longTrace();
std::filesystem::path longBannedTrace();
/// Three documents, each of another domain; and the same ones with an expert banned.
std::filesystem::path fewTrace();
std::filesystem::path fewBannedTrace();
/// Every `step`-th row of the shipped prompts, starting at `first`, in a file of this name.
std::filesystem::path somePrompts(const std::string& name, int first, int step);

/// Opens a trace and waits until it is in the document; 0: it was not.
studio::ItemKey openTrace(studio::Workbench& workbench, const std::filesystem::path& path);

/// The plugins of the build tree.
std::shared_ptr<plugin::Registry> builtPlugins();

} // namespace switchyard::tests
