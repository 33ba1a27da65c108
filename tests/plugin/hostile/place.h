#pragma once

#include <filesystem>
#include <fstream>

namespace switchyard::tests {

/// Copies the plugin that does what its option "mode" says into `folder`, with its sidecar. The
/// test defines SY_HOSTILE_PLUGINS.
inline void placeMisbehaving(const std::filesystem::path& folder) {
  std::filesystem::copy_file(std::filesystem::path(SY_HOSTILE_PLUGINS) / "misbehaving.so",
                             folder / "misbehaving.so");
  std::ofstream(folder / "misbehaving.plugin.json")
      << R"({"id": "org.example.misbehaving", "name": "Test", "summary": "A test plugin.",
    "version": "1.0.0", "licence": "Apache-2.0", "kinds": ["analyzer", "router"], "abi": "1.0",
    "library": "misbehaving.so", "options": {"type": "object", "properties": {"mode":
      {"type": "string", "default": "good", "description": "What it does."}}}})";
}

} // namespace switchyard::tests
