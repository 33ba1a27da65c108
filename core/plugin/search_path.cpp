#include "core/plugin/search_path.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace switchyard::plugin {

namespace {

namespace fs = std::filesystem;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

fs::path executableFolder() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : executable.parent_path();
}

/// The top of the build tree that holds `folder`, or nothing: an installed program has none.
fs::path buildTreeOf(fs::path folder) {
  std::error_code error;
  for (int depth = 0; depth < 4 && folder.has_relative_path(); ++depth) {
    if (fs::exists(folder / "CMakeCache.txt", error))
      return folder;
    folder = folder.parent_path();
  }
  return {};
}

} // namespace

std::vector<PluginFolder> defaultSearchPath() {
  std::vector<PluginFolder> folders;
  const auto add = [&](const fs::path& path, const char* origin) {
    const fs::path normal = path.lexically_normal();
    if (path.is_absolute() &&
        std::ranges::find(folders, normal, &PluginFolder::path) == folders.end())
      folders.push_back({normal, origin});
  };
  std::string_view listed = environment("SWITCHYARD_PLUGIN_PATH");
  while (!listed.empty()) {
    const std::size_t colon = listed.find(':');
    if (const std::string_view part = listed.substr(0, colon); !part.empty())
      add(fs::absolute(part), "SWITCHYARD_PLUGIN_PATH");
    listed = colon == std::string_view::npos ? std::string_view() : listed.substr(colon + 1);
  }
  if (const std::string_view data = environment("XDG_DATA_HOME"); !data.empty())
    add(fs::path(data) / "switchyard/plugins", "user");
  else if (const std::string_view home = environment("HOME"); !home.empty())
    add(fs::path(home) / ".local/share/switchyard/plugins", "user");
  const fs::path folder = executableFolder();
  if (const fs::path tree = buildTreeOf(folder); !tree.empty()) {
    add(tree / "plugins", "build tree");
    return folders;
  }
  if (!folder.empty())
    add(folder.parent_path() / SY_INSTALL_PLUGINDIR, "installed");
  add(SY_INSTALL_FULL_PLUGINDIR, "installed");
  return folders;
}

} // namespace switchyard::plugin
