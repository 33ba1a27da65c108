#pragma once

#include <memory>

#include "core/plugin/abi.h"
#include "core/plugin/instance.h"
#include "core/trace/result.h"

namespace switchyard::plugin {

using ResultFunction = sy_status (*)(const void* instance, const sy_result* result,
                                     sy_error* error);

/// Internal to the adapters: asks an instance for its result on a thread of its own, with the
/// context's time limit, and checks what comes. Fills in the provenance but for sequences and
/// tokens.
base::Result<trace::AnalysisResult> guardedResult(const std::shared_ptr<PluginInstance>& instance,
                                                  ResultFunction function,
                                                  const OptionValues& options);

} // namespace switchyard::plugin
