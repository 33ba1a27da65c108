#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/plugin/loader.h"
#include "core/plugin/made_up_trace.h"
#include "core/plugin/options.h"

namespace switchyard::testing {

/// A folder that is removed at the end.
class TempFolder {
public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return m_path; }

private:
  std::filesystem::path m_path;
};

void writeFile(const std::filesystem::path& path, const std::string& text);

/// A plain sidecar text with one string option "mode".
std::string sidecarText(const std::string& id, const std::string& kinds, const std::string& library,
                        const std::string& version = "1.0.0");

/// Copies a hostile module into `folder` with a sidecar that says what it claims to be.
std::filesystem::path placeHostile(const std::filesystem::path& folder, const std::string& library,
                                   const std::string& kinds,
                                   const std::string& id = "org.example.broken");

/// The misbehaving plugin, loaded, and its options for a mode.
std::shared_ptr<const plugin::LoadedPlugin> misbehaving();
plugin::OptionValues modeOptions(const std::string& mode);

/// A built-in plugin of the build tree, loaded.
std::shared_ptr<const plugin::LoadedPlugin> builtIn(const std::string& name);

using plugin::MadeUpTrace;

} // namespace switchyard::testing
