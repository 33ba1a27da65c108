#include "tests/plugin/support.h"

#include <unistd.h>

#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace switchyard::testing {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "switchyard-plugin-XXXXXX").string();
  m_path = mkdtemp(name.data());
}

TempFolder::~TempFolder() {
  std::error_code error;
  fs::remove_all(m_path, error);
}

void writeFile(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string sidecarText(const std::string& id, const std::string& kinds, const std::string& library,
                        const std::string& version) {
  return fmt::format(R"({{"id": "{}", "name": "Test", "summary": "A test plugin.", "version": "{}",
    "licence": "Apache-2.0", "kinds": [{}], "abi": "1.0", "library": "{}",
    "options": {{"type": "object", "properties": {{"mode":
      {{"type": "string", "default": "good", "description": "What it does."}}}}}}}})",
                     id, version, kinds, library);
}

fs::path placeHostile(const fs::path& folder, const std::string& library, const std::string& kinds,
                      const std::string& id) {
  const std::string file = library + ".so";
  fs::copy_file(fs::path(SY_HOSTILE_PLUGINS) / file, folder / file,
                fs::copy_options::overwrite_existing);
  const fs::path sidecar = folder / (library + ".plugin.json");
  writeFile(sidecar, sidecarText(id, kinds, file));
  return sidecar;
}

std::shared_ptr<const plugin::LoadedPlugin> misbehaving() {
  const TempFolder folder;
  const auto manifest = plugin::readManifest(placeHostile(
      folder.path(), "misbehaving", R"("analyzer", "router")", "org.example.misbehaving"));
  return plugin::LoadedPlugin::load(manifest.value()).value();
}

plugin::OptionValues modeOptions(const std::string& mode) {
  return {{"mode", plugin::OptionType::String, false, true, {mode}}};
}

std::shared_ptr<const plugin::LoadedPlugin> builtIn(const std::string& name) {
  const auto manifest = plugin::readManifest(fs::path(SY_BUILT_PLUGINS) / (name + ".plugin.json"));
  if (!manifest)
    ADD_FAILURE() << manifest.error().describe();
  auto loaded = plugin::LoadedPlugin::load(manifest.value());
  if (!loaded)
    ADD_FAILURE() << loaded.error().describe();
  return loaded.value();
}

} // namespace switchyard::testing
