#include <cmath>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/plugin/option_check.h"
#include "core/plugin/options.h"

namespace switchyard::plugin {

namespace {

using nlohmann::json;

const std::set<std::string_view> kKeywords = {"type",
                                              "items",
                                              "enum",
                                              "minimum",
                                              "maximum",
                                              "exclusiveMinimum",
                                              "exclusiveMaximum",
                                              "minItems",
                                              "maxItems",
                                              "default",
                                              "title",
                                              "description",
                                              "unit",
                                              "maxLength"};
const std::set<std::string_view> kItemKeywords = {
    "type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxLength"};
constexpr std::size_t kMaxOptions = 256;
constexpr std::uint64_t kMaxTextBytes = 65536;
constexpr std::uint64_t kMaxItems = 1u << 20; ///< one number for each entry of a vocabulary fits

bool isOptionName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() < 'a' || name.front() > 'z')
    return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
      return false;
  return true;
}

/// Reads the keywords of one property.
class PropertyReader {
public:
  PropertyReader(const std::string& name, base::Where where) : m_where(std::move(where)) {
    m_spec.name = name;
  }

  base::Result<OptionSpec> read(const json& property) {
    if (!isOptionName(m_spec.name))
      return refuse("its name is not of the form [a-z][a-z0-9-]*, at most 64 characters");
    SY_TRY(checkKeys(property, kKeywords));
    const std::string type = SY_TRY(typeOf(property));
    m_spec.list = type == "array";
    if (m_spec.list) {
      if (!property.contains("items"))
        return refuse("an array needs \"items\"");
      SY_TRY(checkKeys(property["items"], kItemKeywords));
      const std::string itemType = SY_TRY(typeOf(property["items"]));
      SY_TRY(setType(itemType));
      SY_TRY(readValueKeywords(property["items"]));
      for (const char* key :
           {"enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxLength"})
        if (property.contains(key))
          return refuse(fmt::format("\"{}\" of an array belongs into \"items\"", key));
      m_spec.minItems = SY_TRY(sizeOf(property, "minItems", 0, kMaxItems));
      m_spec.maxItems = SY_TRY(sizeOf(property, "maxItems", m_spec.maxItems, kMaxItems));
      if (m_spec.minItems > m_spec.maxItems)
        return refuse("minItems is above maxItems");
    } else {
      for (const char* key : {"items", "minItems", "maxItems"})
        if (property.contains(key))
          return refuse(fmt::format("\"{}\" is for arrays only", key));
      SY_TRY(setType(type));
      SY_TRY(readValueKeywords(property));
    }
    m_spec.title = SY_TRY(textOf(property, "title"));
    m_spec.help = SY_TRY(textOf(property, "description"));
    m_spec.unit = SY_TRY(textOf(property, "unit"));
    if (m_spec.help.empty())
      return refuse("a \"description\" is missing: it is the help text");
    if (property.contains("default"))
      SY_TRY(readDefault(property["default"]));
    return m_spec;
  }

private:
  tl::unexpected<base::Error> refuse(std::string what) const {
    return base::fail(base::ErrorCode::InvalidFormat,
                      fmt::format("option '{}': {}", m_spec.name, what), m_where);
  }

  base::Result<void> checkKeys(const json& object, const std::set<std::string_view>& known) const {
    if (!object.is_object())
      return refuse("its schema is not a JSON object");
    for (const auto& [key, value] : object.items())
      if (!known.contains(key))
        return refuse(fmt::format("keyword \"{}\" is not supported here", key));
    return {};
  }

  base::Result<std::string> typeOf(const json& object) const {
    if (!object.contains("type") || !object["type"].is_string())
      return refuse("\"type\" must be one of boolean, integer, number, string, array");
    return object["type"].get<std::string>();
  }

  base::Result<void> setType(const std::string& type) {
    for (const OptionType t :
         {OptionType::Boolean, OptionType::Integer, OptionType::Number, OptionType::String})
      if (type == name(t)) {
        m_spec.type = t;
        return {};
      }
    return refuse(fmt::format("type \"{}\" is not supported; use boolean, integer, number, string, "
                              "or array with one of them as items",
                              type));
  }

  base::Result<std::string> textOf(const json& object, const char* key) const {
    if (!object.contains(key))
      return std::string();
    if (!object[key].is_string())
      return refuse(fmt::format("\"{}\" must be a string", key));
    return object[key].get<std::string>();
  }

  base::Result<std::size_t> sizeOf(const json& object, const char* key, std::size_t otherwise,
                                   std::uint64_t most) const {
    if (!object.contains(key))
      return otherwise;
    if (!object[key].is_number_unsigned() || object[key].get<std::uint64_t>() > most)
      return refuse(fmt::format("\"{}\" must be a whole number from 0 to {}", key, most));
    return static_cast<std::size_t>(object[key].get<std::uint64_t>());
  }

  base::Result<void> readBound(const json& object, const char* key, const char* exclusiveKey,
                               std::optional<double>& bound, bool& exclusive) {
    for (const char* k : {key, exclusiveKey}) {
      if (!object.contains(k))
        continue;
      const bool numeric = m_spec.type == OptionType::Integer || m_spec.type == OptionType::Number;
      if (!numeric || !object[k].is_number())
        return refuse(fmt::format("\"{}\" must be a number, for an integer or number option", k));
      if (bound)
        return refuse(fmt::format("\"{}\" and \"{}\" exclude each other", key, exclusiveKey));
      bound = object[k].get<double>();
      exclusive = k == exclusiveKey;
    }
    return {};
  }

  base::Result<void> readValueKeywords(const json& object) {
    SY_TRY(
        readBound(object, "minimum", "exclusiveMinimum", m_spec.minimum, m_spec.exclusiveMinimum));
    SY_TRY(
        readBound(object, "maximum", "exclusiveMaximum", m_spec.maximum, m_spec.exclusiveMaximum));
    if (m_spec.minimum && m_spec.maximum && *m_spec.minimum > *m_spec.maximum)
      return refuse("minimum is above maximum");
    if (object.contains("maxLength")) {
      if (m_spec.type != OptionType::String)
        return refuse("\"maxLength\" is for strings only");
      m_spec.maxLength = SY_TRY(sizeOf(object, "maxLength", m_spec.maxLength, kMaxTextBytes));
    }
    if (!object.contains("enum"))
      return {};
    if (!object["enum"].is_array() || object["enum"].empty())
      return refuse("\"enum\" must be an array with at least one value");
    std::vector<OptionScalar> choices;
    for (const json& value : object["enum"]) {
      auto scalar = scalarFromJson(m_spec, value);
      if (!scalar)
        return refuse("\"enum\": " + scalar.error());
      choices.push_back(std::move(*scalar));
    }
    m_spec.choices = std::move(choices);
    return {};
  }

  base::Result<void> readDefault(const json& value) {
    auto values = valuesFromJson(m_spec, value);
    if (!values)
      return refuse("\"default\": " + values.error());
    m_spec.defaults = std::move(*values);
    return {};
  }

  OptionSpec m_spec;
  base::Where m_where;
};

} // namespace

base::Result<std::vector<OptionSpec>> parseOptionSchema(const json& schema,
                                                        const base::Where& where) {
  const auto refuse = [&](std::string what) {
    return base::fail(base::ErrorCode::InvalidFormat, "\"options\": " + std::move(what), where);
  };
  if (!schema.is_object())
    return refuse("must be a JSON Schema object");
  for (const auto& [key, value] : schema.items())
    if (key != "type" && key != "properties" && key != "required" &&
        key != "additionalProperties" && key != "$schema" && key != "title" && key != "description")
      return refuse(fmt::format("keyword \"{}\" is not supported", key));
  if (!schema.contains("type") || schema["type"] != "object")
    return refuse("\"type\" must be \"object\"");
  if (schema.contains("additionalProperties") && schema["additionalProperties"] != false)
    return refuse("\"additionalProperties\" can only be false: unknown options are refused");
  std::vector<OptionSpec> specs;
  if (schema.contains("properties")) {
    const json& properties = schema["properties"];
    if (!properties.is_object() || properties.size() > kMaxOptions)
      return refuse(fmt::format("\"properties\" must be an object of at most {}", kMaxOptions));
    for (const auto& [name, property] : properties.items()) {
      OptionSpec spec = SY_TRY(PropertyReader(name, where).read(property));
      specs.push_back(std::move(spec));
    }
  }
  if (schema.contains("required")) {
    if (!schema["required"].is_array())
      return refuse("\"required\" must be an array of option names");
    for (const json& name : schema["required"]) {
      bool found = false;
      for (OptionSpec& spec : specs)
        if (name == spec.name) {
          if (spec.defaults)
            return refuse(fmt::format("required option '{}' has a default", spec.name));
          spec.required = found = true;
        }
      if (!found)
        return refuse(fmt::format("\"required\" names {}, which is not declared", name.dump()));
    }
  }
  return specs;
}

} // namespace switchyard::plugin
