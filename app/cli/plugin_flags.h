#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/plugin/registry.h"

namespace switchyard::cli {

/// The options of one plugin as flags of a verb.
class OptionFlags {
public:
  /// Adds "--<prefix><option>" for each, in a help group of that name. Where the verb has such a
  /// flag already, "--<plugin>.<option>".
  void add(CLI::App* verb, const plugin::Manifest& manifest, const std::string& prefix,
           const std::string& group);
  /// What was given.
  plugin::OptionArguments arguments() const;

private:
  struct Flag {
    std::string option;
    std::vector<std::string> values;
  };
  std::vector<std::shared_ptr<Flag>> m_flags;
};

/// The options of all usable plugins of some kinds as flags "--<plugin>.<option>".
class PluginFlags {
public:
  /// Adds the flags to `verb`, one help group per plugin.
  void add(CLI::App* verb, const plugin::Registry& registry,
           std::initializer_list<plugin::Kind> kinds);

  /// What was given for one plugin, by its short name.
  plugin::OptionArguments of(const std::string& plugin) const;
  /// A plugin for which flags were given though it is not among `used`; empty if there is none.
  std::string unusedBy(const std::vector<std::string>& used) const;

private:
  std::map<std::string, OptionFlags> m_flags; ///< by short name
};

/// The first usable plugin of each short name that has one of the kinds, as found on the path.
std::vector<plugin::Manifest> usablePlugins(const plugin::Registry& registry,
                                            std::initializer_list<plugin::Kind> kinds);

} // namespace switchyard::cli
