#pragma once

#include <memory>
#include <string>

#include "core/plugin/conformance.h"
#include "core/plugin/host.h"
#include "core/plugin/loader.h"
#include "core/trace/result.h"

namespace switchyard::plugin {

/// Internal: the checks of each kind, for a loaded plugin and its complete options.
void checkRouter(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                 const HostContext& context, const RunCheck& run);
void checkAnalyzer(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                   const HostContext& context, const RunCheck& run);
void checkDecoder(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                  const HostContext& context, const RunCheck& run);
void checkSimulator(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                    const HostContext& context, const RunCheck& run);
void checkTransform(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                    const HostContext& context, const RunCheck& run);

/// Every byte of a result as text; two results are the same if these are.
std::string fingerprint(const trace::AnalysisResult& result);

} // namespace switchyard::plugin
