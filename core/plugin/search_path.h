#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace switchyard::plugin {

/// A folder in which sidecars are looked for.
struct PluginFolder {
  std::filesystem::path path;
  std::string origin; ///< "SWITCHYARD_PLUGIN_PATH", "user", "installed", "build tree"
};

/// Where plugins come from, first wins: SWITCHYARD_PLUGIN_PATH (folders separated by colons),
/// $XDG_DATA_HOME/switchyard/plugins (default ~/.local/share), then the installed folder: beside
/// the executable's prefix (<exe>/../lib/switchyard/plugins), the configured one, or, when the
/// program runs in its build tree, that tree's plugins/. Folders need not exist; each is named
/// once.
std::vector<PluginFolder> defaultSearchPath();

} // namespace switchyard::plugin
