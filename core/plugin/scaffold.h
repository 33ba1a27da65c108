#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/kinds.h"

namespace switchyard::plugin {

struct ScaffoldOptions {
  Kind kind = Kind::Analyzer;
  std::string name{};             ///< [a-z][a-z0-9-]*, what users will type
  std::string id{};               ///< reverse DNS, ending in the name; empty: org.example.<name>
  std::filesystem::path folder{}; ///< to be made; empty: ./<name>
};

/// Writes a complete plugin project that builds and passes its test outside our tree:
/// CMakeLists.txt (find_package(Switchyard)), source, sidecar, test, README. Returns the files
/// written. Errors: InvalidArgument for a name or id that is none, or a folder that exists and is
/// not empty; Io.
base::Result<std::vector<std::filesystem::path>> writeScaffold(const ScaffoldOptions& options);

} // namespace switchyard::plugin
