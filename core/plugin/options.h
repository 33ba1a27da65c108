#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace switchyard::plugin {

enum class OptionType : std::uint8_t { Boolean, Integer, Number, String };
std::string_view name(OptionType type); ///< JSON Schema's word

using OptionScalar = std::variant<bool, std::int64_t, double, std::string>;
/// As a person would type it.
std::string toText(const OptionScalar& value);

/// One declared option, neutral to where it is shown: a command-line flag, a field of a form.
struct OptionSpec {
  std::string name;                     ///< [a-z][a-z0-9-]*
  OptionType type = OptionType::String; ///< of one value
  bool list = false;                    ///< any number of values, minItems to maxItems
  std::string title, help, unit;
  bool required = false;
  std::optional<std::vector<OptionScalar>> defaults; ///< one value unless `list`
  std::vector<OptionScalar> choices;                 ///< allowed values; empty: any in range
  std::optional<double> minimum, maximum;            ///< of each value
  bool exclusiveMinimum = false, exclusiveMaximum = false;
  std::size_t maxLength = 65536; ///< bytes of a string
  std::size_t minItems = 0, maxItems = 4096;
};

/// The value of one option after checks and defaults. `values` is empty for a scalar that has no
/// default and was not given.
struct OptionValue {
  std::string name;
  OptionType type = OptionType::String;
  bool list = false;
  bool set = false; ///< given, not a default
  std::vector<OptionScalar> values;
};

/// All options of a plugin in the order of its specs.
using OptionValues = std::vector<OptionValue>;

/// Reads the sidecar's "options": a JSON Schema object whose properties use type, items, enum,
/// minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems, maxLength, default,
/// title, description and unit. Order of declaration is kept as the schema's (JSON keys, sorted).
/// Errors: InvalidFormat naming the property and the keyword that is wrong or unknown.
base::Result<std::vector<OptionSpec>> parseOptionSchema(const nlohmann::json& schema,
                                                        const base::Where& where);

/// (option, text) as given on a command line, without the plugin's prefix. Lists: values separated
/// by commas, the flag may be repeated. Booleans: true or false, no text means true.
using OptionArguments = std::vector<std::pair<std::string, std::string>>;

/// `owner` is the plugin's short name, for messages ("--coactivation.top").
/// Errors: InvalidArgument naming the flag, what was given and what is allowed.
base::Result<OptionValues> parseOptions(std::span<const OptionSpec> specs,
                                        const OptionArguments& arguments, std::string_view owner);

/// The same from a JSON object (recipes). Errors as parseOptions.
base::Result<OptionValues> parseOptions(std::span<const OptionSpec> specs,
                                        const nlohmann::json& object, std::string_view owner);

/// "name" -> text for provenance; unset options without default are left out.
std::vector<std::pair<std::string, std::string>> describe(const OptionValues& values);

} // namespace switchyard::plugin
