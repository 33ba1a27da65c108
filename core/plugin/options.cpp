#include "core/plugin/options.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/plugin/option_check.h"

namespace switchyard::plugin {

namespace {

using nlohmann::json;

const OptionSpec* find(std::span<const OptionSpec> specs, std::string_view name) {
  for (const OptionSpec& spec : specs)
    if (spec.name == name)
      return &spec;
  return nullptr;
}

tl::unexpected<base::Error> unknown(std::span<const OptionSpec> specs, std::string_view name,
                                    std::string_view owner) {
  std::string known;
  for (const OptionSpec& spec : specs)
    known += (known.empty() ? "" : ", ") + spec.name;
  return base::fail(base::ErrorCode::InvalidArgument,
                    fmt::format("plugin '{}' has no option '{}'; it has {}", owner, name,
                                known.empty() ? "none" : known));
}

tl::unexpected<base::Error> wrong(std::string_view owner, const OptionSpec& spec,
                                  std::string_view given, std::string_view why) {
  return base::fail(base::ErrorCode::InvalidArgument,
                    fmt::format("--{}.{} {}: {}", owner, spec.name, given, why));
}

/// Every spec's value as given, else its default. Error for a required option without value.
base::Result<OptionValues> complete(std::span<const OptionSpec> specs, OptionValues given,
                                    std::string_view owner) {
  OptionValues all;
  for (const OptionSpec& spec : specs) {
    OptionValue value{spec.name, spec.type, spec.list, false,
                      spec.defaults.value_or(std::vector<OptionScalar>())};
    for (OptionValue& candidate : given)
      if (candidate.name == spec.name)
        value = std::move(candidate);
    if (spec.required && !value.set)
      return base::fail(
          base::ErrorCode::InvalidArgument,
          fmt::format("plugin '{}' needs option '{}': {}", owner, spec.name, spec.help));
    all.push_back(std::move(value));
  }
  return all;
}

} // namespace

std::string_view name(OptionType type) {
  switch (type) {
  case OptionType::Boolean:
    return "boolean";
  case OptionType::Integer:
    return "integer";
  case OptionType::Number:
    return "number";
  case OptionType::String:
    return "string";
  }
  return "";
}

std::string toText(const OptionScalar& value) {
  if (const auto* flag = std::get_if<bool>(&value))
    return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return fmt::format("{}", *integer);
  if (const auto* number = std::get_if<double>(&value))
    return fmt::format("{}", *number);
  return std::get<std::string>(value);
}

base::Result<OptionValues> parseOptions(std::span<const OptionSpec> specs,
                                        const OptionArguments& arguments, std::string_view owner) {
  OptionValues given;
  for (const auto& [name, text] : arguments) {
    const OptionSpec* spec = find(specs, name);
    if (spec == nullptr)
      return unknown(specs, name, owner);
    auto place = std::ranges::find(given, name, &OptionValue::name);
    if (place != given.end() && !spec->list)
      return wrong(owner, *spec, text, "the option was already given");
    if (place == given.end())
      place = given.insert(place, {name, spec->type, spec->list, true, {}});
    std::size_t begin = 0;
    for (bool more = true; more;) {
      const std::size_t comma = spec->list ? text.find(',', begin) : std::string::npos;
      more = comma != std::string::npos;
      const std::string part = text.substr(begin, more ? comma - begin : std::string::npos);
      begin = comma + 1;
      auto scalar = scalarFromText(*spec, part);
      if (!scalar)
        return wrong(owner, *spec, text, scalar.error());
      place->values.push_back(std::move(*scalar));
    }
  }
  for (const OptionValue& value : given)
    if (const OptionSpec* spec = find(specs, value.name); spec->list)
      if (auto count = checkCount(*spec, value.values.size()); !count)
        return wrong(owner, *spec, "", count.error());
  return complete(specs, std::move(given), owner);
}

base::Result<OptionValues> parseOptions(std::span<const OptionSpec> specs, const json& object,
                                        std::string_view owner) {
  if (!object.is_object())
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("options of plugin '{}' must be a JSON object", owner));
  OptionValues given;
  for (const auto& [name, value] : object.items()) {
    const OptionSpec* spec = find(specs, name);
    if (spec == nullptr)
      return unknown(specs, name, owner);
    auto values = valuesFromJson(*spec, value);
    if (!values)
      return base::fail(base::ErrorCode::InvalidArgument,
                        fmt::format("option '{}' of plugin '{}' {}", name, owner, values.error()));
    given.push_back({name, spec->type, spec->list, true, std::move(*values)});
  }
  return complete(specs, std::move(given), owner);
}

std::vector<std::pair<std::string, std::string>> describe(const OptionValues& values) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const OptionValue& value : values) {
    if (value.values.empty() && !value.list)
      continue;
    std::string text;
    for (const OptionScalar& scalar : value.values)
      text += (text.empty() ? "" : ",") + toText(scalar);
    out.emplace_back(value.name, std::move(text));
  }
  return out;
}

} // namespace switchyard::plugin
