#pragma once

#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "core/plugin/registry.h"

namespace switchyard::cli {

/// The options of all usable plugins of some kinds as flags "--<plugin>.<option>".
class PluginFlags {
public:
  /// Adds the flags to `verb`, one help group per plugin.
  void add(CLI::App* verb, const plugin::Registry& registry, std::initializer_list<plugin::Kind> kinds);

  /// What was given for one plugin, by its short name.
  plugin::OptionArguments of(const std::string& plugin) const;
  /// A plugin for which flags were given though it is not among `used`; empty if there is none.
  std::string unusedBy(const std::vector<std::string>& used) const;

private:
  struct Flag {
    std::string option;
    std::vector<std::string> values;
  };
  std::map<std::string, std::vector<std::shared_ptr<Flag>>> m_flags; ///< by short name
};

} // namespace switchyard::cli
