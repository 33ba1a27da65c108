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

void PluginFlags::add(CLI::App* verb, const plugin::Registry& registry,
                      std::initializer_list<plugin::Kind> kinds) {
  for (const plugin::PluginRow& row : registry.rows()) {
    if (row.state != plugin::RowState::Available || !row.manifest)
      continue;
    const plugin::Manifest& manifest = *row.manifest;
    const std::string name = manifest.shortName();
    const bool wanted = std::ranges::any_of(
        kinds, [&](plugin::Kind kind) { return manifest.has(kind); });
    // Two plugins may end in the same short name: the first on the path owns the flags.
    if (!wanted || m_flags.contains(name))
      continue;
    for (const plugin::OptionSpec& spec : manifest.options) {
      auto flag = std::make_shared<Flag>();
      flag->option = spec.name;
      auto* option = verb->add_option("--" + name + "." + spec.name, flag->values, describe(spec));
      option->group("Options of " + name);
      if (spec.type == plugin::OptionType::Boolean)
        option->expected(0, 1)->default_str("true");
      else if (!spec.list)
        option->expected(1);
      else
        option->allow_extra_args(false);
      m_flags[name].push_back(std::move(flag));
    }
  }
}

plugin::OptionArguments PluginFlags::of(const std::string& plugin) const {
  plugin::OptionArguments arguments;
  const auto found = m_flags.find(plugin);
  if (found == m_flags.end())
    return arguments;
  for (const auto& flag : found->second)
    for (const std::string& value : flag->values)
      arguments.emplace_back(flag->option, value);
  return arguments;
}

std::string PluginFlags::unusedBy(const std::vector<std::string>& used) const {
  for (const auto& [name, flags] : m_flags)
    if (std::ranges::find(used, name) == used.end() &&
        std::ranges::any_of(flags, [](const auto& flag) { return !flag->values.empty(); }))
      return name;
  return {};
}

} // namespace switchyard::cli
