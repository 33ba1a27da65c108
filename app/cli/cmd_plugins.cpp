#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/cli/facts.h"
#include "app/cli/verb.h"
#include "core/plugin/conformance.h"
#include "core/plugin/scaffold.h"

namespace switchyard::cli {

namespace {

struct Options {
  CommonOptions common;
  std::string plugin;
};

std::string joinedKinds(const plugin::Manifest& manifest) {
  std::vector<std::string_view> kinds;
  for (const plugin::Kind kind : manifest.kinds)
    kinds.push_back(plugin::name(kind));
  return fmt::format("{}", fmt::join(kinds, ","));
}

nlohmann::json toJson(const plugin::OptionScalar& value) {
  return std::visit([](const auto& v) { return nlohmann::json(v); }, value);
}

nlohmann::json toJson(const plugin::OptionSpec& spec) {
  nlohmann::json option = {{"name", spec.name}, {"type", plugin::name(spec.type)},
                           {"list", spec.list}, {"help", spec.help},
                           {"unit", spec.unit}, {"required", spec.required}};
  for (const plugin::OptionScalar& choice : spec.choices)
    option["choices"].push_back(toJson(choice));
  if (spec.minimum)
    option["minimum"] = *spec.minimum;
  if (spec.maximum)
    option["maximum"] = *spec.maximum;
  if (spec.defaults)
    for (const plugin::OptionScalar& value : *spec.defaults)
      option["default"].push_back(toJson(value));
  return option;
}

nlohmann::json toJson(const plugin::PluginRow& row) {
  nlohmann::json object = {{"sidecar", row.sidecar.string()},
                           {"origin", row.origin},
                           {"state", plugin::name(row.state)},
                           {"reason", row.reason}};
  if (!row.manifest)
    return object;
  const plugin::Manifest& manifest = *row.manifest;
  object["id"] = manifest.id;
  object["name"] = manifest.shortName();
  object["title"] = manifest.name;
  object["summary"] = manifest.summary;
  object["version"] = manifest.version;
  object["licence"] = manifest.licence;
  object["abi"] = fmt::format("{}.{}", manifest.abi.major, manifest.abi.minor);
  for (const plugin::Kind kind : manifest.kinds)
    object["kinds"].push_back(plugin::name(kind));
  for (const plugin::Paper& paper : manifest.papers)
    object["papers"].push_back({{"title", paper.title}, {"url", paper.url}});
  for (const plugin::OptionSpec& spec : manifest.options)
    object["options"].push_back(toJson(spec));
  return object;
}

void addList(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb = verbs.add("list", "All plugins that were found, and why some cannot be used",
                             "  switchyard plugins list\n"
                             "  switchyard plugins list --open --json",
                             parent);
  auto options = std::make_shared<Options>();
  auto open = std::make_shared<bool>(false);
  verb->add_flag("--open", *open, "Also open each library, which runs its code");
  addJson(verb, options->common);
  const auto registry = verbs.registry();
  verbs.body(verb, [options, open, registry](const Run&) -> base::Result<int> {
    if (*open)
      for (const plugin::PluginRow& row : registry->rows())
        if (row.manifest && row.state == plugin::RowState::Available)
            // A failure is kept as the row's reason.
            [[maybe_unused]]
          const auto opened = registry->open(row.manifest->id, std::nullopt);
    if (options->common.json) {
      nlohmann::json rows = nlohmann::json::array();
      for (const plugin::PluginRow& row : registry->rows())
        rows.push_back(toJson(row));
      fmt::print("{}\n", rows.dump(2));
      return kOk;
    }
    for (const plugin::PluginRow& row : registry->rows()) {
      if (row.manifest)
        fmt::print("{:<18} {:<10} {:<8} {:<10} {}\n", row.manifest->shortName(),
                   joinedKinds(*row.manifest), row.manifest->version, plugin::name(row.state),
                   row.reason.empty() ? row.manifest->summary : row.reason);
      else
        fmt::print("{:<18} {:<10} {:<8} {:<10} {}\n", "?", "", "", plugin::name(row.state),
                   row.reason);
    }
    return kOk;
  });
}

void printManifest(const plugin::Manifest& manifest) {
  std::string papers;
  for (const plugin::Paper& paper : manifest.papers)
    papers += fmt::format("{}{} ({})", papers.empty() ? "" : "; ", paper.title, paper.url);
  printFacts({{"id", manifest.id},
              {"name", manifest.name},
              {"summary", manifest.summary},
              {"kinds", joinedKinds(manifest)},
              {"version", manifest.version},
              {"licence", manifest.licence},
              {"papers", papers},
              {"sidecar", manifest.sidecar.string()}});
  if (!manifest.options.empty())
    fmt::print("\noptions:\n");
  for (const plugin::OptionSpec& spec : manifest.options) {
    std::string defaults;
    if (spec.defaults)
      for (const plugin::OptionScalar& value : *spec.defaults)
        defaults += (defaults.empty() ? "" : ",") + plugin::toText(value);
    fmt::print("  --{}.{} {}{}\n      {}{}\n", manifest.shortName(), spec.name,
               plugin::name(spec.type), spec.list ? "..." : "", spec.help,
               defaults.empty() ? "" : fmt::format(" Default: {}.", defaults));
  }
}

void addPluginInfo(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb = verbs.add("info", "What a plugin is and which options it has",
                             "  switchyard plugins info coactivation\n"
                             "  switchyard plugins info coactivation --json",
                             parent);
  auto options = std::make_shared<Options>();
  verb->add_option("plugin", options->plugin, "Short name or id")->required();
  addJson(verb, options->common);
  const auto registry = verbs.registry();
  verbs.body(verb, [options, registry](const Run&) -> base::Result<int> {
    const plugin::Manifest manifest = SY_TRY(registry->find(options->plugin, std::nullopt));
    if (options->common.json) {
      for (const plugin::PluginRow& row : registry->rows())
        if (row.manifest && row.manifest->sidecar == manifest.sidecar)
          fmt::print("{}\n", toJson(row).dump(2));
    } else {
      printManifest(manifest);
    }
    return kOk;
  });
}

/// A sidecar's path as given, or that of a plugin by name.
base::Result<std::filesystem::path> findSidecar(const std::string& plugin,
                                                const plugin::Registry& registry) {
  std::error_code error;
  if (plugin.ends_with(plugin::kSidecarSuffix) && std::filesystem::exists(plugin, error))
    return std::filesystem::path(plugin);
  return SY_TRY(registry.find(plugin, std::nullopt)).sidecar;
}

void addPluginCheck(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb =
      verbs.add("check", "Does a plugin keep what its kind promises?",
                "  switchyard plugins check coactivation\n"
                "  switchyard plugins check npmi --option markers=wait:1:318\n"
                "  switchyard plugins check build/my.plugin.json --json\n"
                "\n"
                "The plugin runs in a process of its own. Exit code 3 if a check fails.",
                parent);
  auto options = std::make_shared<Options>();
  auto arguments = std::make_shared<std::vector<std::string>>();
  verb->add_option("plugin", options->plugin, "Short name, id, or path of a sidecar")->required();
  verb->add_option("--option", *arguments, "NAME=VALUE of an option that it is made with");
  addJson(verb, options->common);
  const auto registry = verbs.registry();
  verbs.body(verb, [options, arguments, registry](const Run&) -> base::Result<int> {
    const auto sidecar = SY_TRY(findSidecar(options->plugin, *registry));
    plugin::ConformanceOptions conformance;
    for (const std::string& argument : *arguments) {
      const auto equals = argument.find('=');
      conformance.arguments.emplace_back(argument.substr(0, equals),
                                         equals == std::string::npos ? std::string()
                                                                     : argument.substr(equals + 1));
    }
    const plugin::ConformanceReport report = SY_TRY(plugin::checkPlugin(sidecar, conformance));
    if (options->common.json) {
      nlohmann::json checks = nlohmann::json::array();
      for (const plugin::Check& check : report.checks)
        checks.push_back({{"name", check.name},
                          {"verdict", plugin::name(check.verdict)},
                          {"detail", check.detail}});
      fmt::print("{}\n", nlohmann::json{{"id", report.id},
                                        {"version", report.version},
                                        {"passed", report.passed()},
                                        {"checks", checks}}
                             .dump(2));
    } else {
      for (const plugin::Check& check : report.checks)
        fmt::print("{:<8} {}{}\n", plugin::name(check.verdict), check.name,
                   check.detail.empty() ? "" : ": " + check.detail);
      fmt::print("{} {}: {}\n", report.id, report.version, report.passed() ? "passed" : "failed");
    }
    return report.passed() ? kOk : kCheckFailed;
  });
}

void addPluginNew(VerbSet& verbs, CLI::App* parent) {
  CLI::App* verb =
      verbs.add("new", "Write a complete plugin project that builds and passes its test",
                "  switchyard plugins new analyzer my-analysis\n"
                "  switchyard plugins new router my-router --folder src/my-router",
                parent);
  auto kind = std::make_shared<std::string>();
  auto options = std::make_shared<plugin::ScaffoldOptions>();
  auto folder = std::make_shared<std::string>();
  verb->add_option("kind", *kind, "router, analyzer, decoder, simulator or transform")->required();
  verb->add_option("name", options->name, "What users will type: a-z, 0-9 and -")->required();
  verb->add_option("--id", options->id, "Reverse-DNS id; default: org.example.<name>");
  verb->add_option("--folder", *folder, "Folder to make; default: ./<name>");
  verbs.body(verb, [kind, options, folder](const Run&) -> base::Result<int> {
    const auto parsed = plugin::kindFromName(*kind);
    if (!parsed)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("there is no plugin kind \"{}\"; choose router, analyzer, "
                                    "decoder, simulator or transform",
                                    *kind));
    options->kind = *parsed;
    options->folder = *folder;
    for (const auto& file : SY_TRY(plugin::writeScaffold(*options)))
      fmt::print("{}\n", file.string());
    return kOk;
  });
}

} // namespace

void addPlugins(VerbSet& verbs) {
  CLI::App* parent =
      verbs.add("plugins", "List, describe, check and start plugins",
                "  switchyard plugins list\n"
                "  switchyard plugins info coactivation\n"
                "  switchyard plugins check coactivation\n"
                "  switchyard plugins new analyzer my-analysis\n"
                "\n"
                "Plugins are code and run with your rights. They come from\n"
                "SWITCHYARD_PLUGIN_PATH, ~/.local/share/switchyard/plugins and the\n"
                "installation; --no-plugins before the command leaves only the last.");
  parent->require_subcommand(1);
  addList(verbs, parent);
  addPluginInfo(verbs, parent);
  addPluginCheck(verbs, parent);
  addPluginNew(verbs, parent);
}

} // namespace switchyard::cli
