#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "app/cli/plugin_flags.h"
#include "app/jobs/decoders.h"

namespace switchyard::cli {

/// --decoder NAME and the options of all decoder plugins as flags.
class DecoderFlags {
public:
  /// Call it after the verb's other options: the plugins' flags are shown last.
  void add(CLI::App* verb, const plugin::Registry& registry);
  /// Errors: NotFound for an unknown decoder; InvalidArgument for flags of one that is not used.
  base::Result<jobs::DecoderRequest> request(const plugin::Registry& registry) const;

private:
  std::string m_name;
  PluginFlags m_flags;
};

} // namespace switchyard::cli
