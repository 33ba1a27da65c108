#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/plugin/manifest.h"

namespace switchyard::plugin {

enum class Verdict : std::uint8_t { Passed, Failed, Skipped };
std::string_view name(Verdict verdict);

/// One question put to a plugin.
struct Check {
  std::string name; ///< "analyzer: merge law"
  Verdict verdict = Verdict::Passed;
  std::string detail; ///< why it failed or was skipped
};

struct ConformanceOptions {
  OptionArguments arguments{}; ///< options the plugin is made with; default: its own defaults
  std::chrono::milliseconds limit{120'000};      ///< for all checks together
  std::chrono::milliseconds resultLimit{10'000}; ///< for one result()
};

struct ConformanceReport {
  std::string id;
  std::string version;
  std::vector<Check> checks;
  bool passed() const;
};

/// Runs the suite over one plugin: sidecar, loading, and for each kind what its interface promises
/// (determinism, merge law, independence of rows and of chunking, valid output, cancelling, no
/// threads left behind). It runs in a child process, so that a plugin that crashes or hangs fails a
/// check instead of ending the program; call it before the program has started threads of its own.
/// Errors: those of reading the sidecar; Io if no process can be made.
base::Result<ConformanceReport> checkPlugin(const std::filesystem::path& sidecar,
                                            const ConformanceOptions& options = {});

/// Internal to the suite: what a check's body says.
struct Outcome {
  Verdict verdict = Verdict::Passed;
  std::string detail{};
};
inline Outcome passed() {
  return {};
}
inline Outcome failed(std::string why) {
  return {Verdict::Failed, std::move(why)};
}
inline Outcome skipped(std::string why) {
  return {Verdict::Skipped, std::move(why)};
}

/// Internal to the suite: runs one check by name.
using RunCheck = std::function<void(const std::string& name, const std::function<Outcome()>& body)>;

} // namespace switchyard::plugin
