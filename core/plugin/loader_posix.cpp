#include <dlfcn.h>

#include <fmt/format.h>

#include "core/base/file.h"
#include "core/plugin/crash_guard.h"
#include "core/plugin/loader.h"

namespace switchyard::plugin {

namespace {

std::string lastError() {
  const char* text = dlerror();
  return text == nullptr ? "unknown reason" : text;
}

} // namespace

base::Result<std::shared_ptr<const LoadedPlugin>> LoadedPlugin::load(const Manifest& manifest) {
  const std::filesystem::path path = std::filesystem::absolute(manifest.libraryPath());
  const base::Where where{.file = path.string()};
  SY_TRY(checkAbi(manifest.abi, where));
  const InPlugin loading(manifest.id.c_str(), "load");
  SY_TRY(base::ReadFile::open(path)); // a clear error for what is missing or no regular file
  // Never closed: a plugin's statics and threads may outlive any instance.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("cannot open the library: {}", lastError()), where);
  void* symbol = dlsym(library, SY_PLUGIN_ENTRY);
  if (symbol == nullptr)
    return base::fail(
        base::ErrorCode::InvalidFormat,
        fmt::format("the library does not export {}: it is not a plugin, or was built "
                    "without SY_PLUGIN(...)",
                    SY_PLUGIN_ENTRY),
        where);
  const sy_plugin* plugin = nullptr;
  try {
    plugin = reinterpret_cast<sy_plugin_entry_fn>(symbol)(SY_ABI_MAJOR, SY_ABI_MINOR);
  } catch (...) {
    return base::fail(base::ErrorCode::Internal,
                      fmt::format("an exception left {}", SY_PLUGIN_ENTRY), where);
  }
  return adopt(manifest, plugin);
}

} // namespace switchyard::plugin
