#include "app/cli/plugin_flags.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace switchyard::cli {

namespace {

std::string describe(const plugin::OptionSpec& spec) {
  std::string text = spec.help;
  if (!spec.choices.empty()) {
    std::vector<std::string> choices;
    for (const plugin::OptionScalar& choice : spec.choices)
      choices.push_back(plugin::toText(choice));
    text += fmt::format(" One of {}.", fmt::join(choices, ", "));
  }
  if (spec.defaults && !spec.defaults->empty()) {
    std::vector<std::string> values;
    for (const plugin::OptionScalar& value : *spec.defaults)
      values.push_back(plugin::toText(value));
    text += fmt::format(" Default: {}{}{}.", fmt::join(values, ","), spec.unit.empty() ? "" : " ",
                        spec.unit);
  }
  return text;
}

} // namespace

void OptionFlags::add(CLI::App* verb, const plugin::Manifest& manifest, const std::string& prefix,
                      const std::string& group) {
  for (const plugin::OptionSpec& spec : manifest.options) {
    auto flag = std::make_shared<Flag>();
    flag->option = spec.name;
    std::string name = "--" + prefix + spec.name;
    if (verb->get_option_no_throw(name) != nullptr)
      name = "--" + manifest.shortName() + "." + spec.name;
    auto* option = verb->add_option(name, flag->values, describe(spec));
    option->group(group);
    if (spec.type == plugin::OptionType::Boolean)
      option->expected(0, 1)->default_str("true");
    else if (!spec.list)
      option->expected(1);
    else
      option->allow_extra_args(false);
    m_flags.push_back(std::move(flag));
  }
}

plugin::OptionArguments OptionFlags::arguments() const {
  plugin::OptionArguments arguments;
  for (const auto& flag : m_flags)
    for (const std::string& value : flag->values)
      arguments.emplace_back(flag->option, value);
  return arguments;
}

std::vector<plugin::Manifest> usablePlugins(const plugin::Registry& registry,
                                            std::initializer_list<plugin::Kind> kinds) {
  std::vector<plugin::Manifest> usable;
  for (const plugin::PluginRow& row : registry.rows()) {
    if (row.state != plugin::RowState::Available || !row.manifest)
      continue;
    const plugin::Manifest& manifest = *row.manifest;
    const bool wanted =
        std::ranges::any_of(kinds, [&](plugin::Kind kind) { return manifest.has(kind); });
    const bool taken = std::ranges::any_of(usable, [&](const plugin::Manifest& earlier) {
      return earlier.shortName() == manifest.shortName();
    });
    if (wanted && !taken)
      usable.push_back(manifest);
  }
  return usable;
}

void PluginFlags::add(CLI::App* verb, const plugin::Registry& registry,
                      std::initializer_list<plugin::Kind> kinds) {
  // Two plugins may end in the same short name: the first on the path owns the flags.
  for (const plugin::Manifest& manifest : usablePlugins(registry, kinds)) {
    const std::string name = manifest.shortName();
    m_flags[name].add(verb, manifest, name + ".", "Options of " + name);
  }
}

plugin::OptionArguments PluginFlags::of(const std::string& plugin) const {
  const auto found = m_flags.find(plugin);
  return found == m_flags.end() ? plugin::OptionArguments() : found->second.arguments();
}

std::string PluginFlags::unusedBy(const std::vector<std::string>& used) const {
  for (const auto& [name, flags] : m_flags)
    if (std::ranges::find(used, name) == used.end() && !flags.arguments().empty())
      return name;
  return {};
}

} // namespace switchyard::cli
