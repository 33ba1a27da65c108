#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/jobs/analyze.h"
#include "app/studio/shell/workbench.h"

namespace switchyard::tests {

inline std::shared_ptr<plugin::Registry> registryOf(const std::filesystem::path& folder) {
  return plugin::Registry::scan({.folders = {{folder, "test"}}});
}

/// Analyses the trace with the misbehaving plugin, as a view would; `failed` gets the error.
inline void analyzeMisbehaving(studio::Workbench& bench, const std::string& trace,
                               const std::string& mode,
                               const std::function<void(const base::Error&)>& failed) {
  jobs::AnalyzeOptions options;
  options.trace = trace;
  options.with = {{"misbehaving", {{"mode", mode}}}};
  bench.jobs().run<jobs::Analysis>(
      {"Analyse"}, &bench,
      [options, registry = bench.sharedRegistry()](const studio::JobContext& c) {
        return jobs::analyze(options, *registry, c.threads, c.control);
      },
      [failed](base::Result<std::shared_ptr<const jobs::Analysis>> result) {
        if (!result)
          failed(result.error());
      });
}

} // namespace switchyard::tests
