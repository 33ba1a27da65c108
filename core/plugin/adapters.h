#pragma once

#include <memory>

#include "core/base/error.h"
#include "core/model/transform.h"
#include "core/plugin/host.h"
#include "core/plugin/loader.h"
#include "core/plugin/options.h"
#include "core/routing/policy.h"
#include "core/session/decoder.h"
#include "core/trace/analyzer.h"
#include "core/trace/simulator.h"

namespace switchyard::plugin {

/// C tables -> the inner interfaces. `options` are those of the plugin's sidecar, complete (see
/// parseOptions). What a plugin returns is checked before anybody else sees it: sizes, ids in range
/// and unique, finite weights; NaN in results becomes undefined with a warning. A status becomes an
/// Error that begins with the plugin's name; an exception that crosses the edge becomes Internal. A
/// result() that does not end in context.resultLimit is given up with LimitExceeded: the instance
/// is not used again. Errors of make...: InvalidArgument if the plugin is not of that kind, or its
/// own.
base::Result<std::unique_ptr<routing::Policy>>
makePolicy(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
           const HostContext& context);
base::Result<std::unique_ptr<trace::Analyzer>>
makeAnalyzer(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
             const HostContext& context);
base::Result<std::unique_ptr<session::Decoder>>
makeDecoder(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
            const HostContext& context);
base::Result<std::unique_ptr<trace::Simulator>>
makeSimulator(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
              const HostContext& context);
base::Result<std::unique_ptr<model::Transform>>
makeTransform(std::shared_ptr<const LoadedPlugin> plugin, const OptionValues& options,
              const HostContext& context);

} // namespace switchyard::plugin
