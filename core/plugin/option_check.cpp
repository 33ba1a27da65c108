#include "core/plugin/option_check.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace switchyard::plugin {

namespace {

using nlohmann::json;

Checked<void> inRange(const OptionSpec& spec, double value) {
  if (spec.minimum &&
      (spec.exclusiveMinimum ? !(value > *spec.minimum) : !(value >= *spec.minimum)))
    return tl::unexpected(
        fmt::format("must be {} {}", spec.exclusiveMinimum ? "above" : "at least", *spec.minimum));
  if (spec.maximum &&
      (spec.exclusiveMaximum ? !(value < *spec.maximum) : !(value <= *spec.maximum)))
    return tl::unexpected(
        fmt::format("must be {} {}", spec.exclusiveMaximum ? "below" : "at most", *spec.maximum));
  return {};
}

Checked<OptionScalar> checked(const OptionSpec& spec, OptionScalar value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    if (auto range = inRange(spec, static_cast<double>(*integer)); !range)
      return tl::unexpected(range.error());
  } else if (const auto* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number))
      return tl::unexpected(std::string("must be finite"));
    if (auto range = inRange(spec, *number); !range)
      return tl::unexpected(range.error());
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->size() > spec.maxLength)
      return tl::unexpected(fmt::format("is longer than {} bytes", spec.maxLength));
    if (text->find('\0') != std::string::npos)
      return tl::unexpected(std::string("must not contain a NUL character"));
  }
  if (spec.choices.empty())
    return value;
  std::string allowed;
  for (const OptionScalar& choice : spec.choices) {
    if (choice == value)
      return value;
    allowed += (allowed.empty() ? "" : ", ") + toText(choice);
  }
  return tl::unexpected("must be one of " + allowed);
}

template <typename T> bool parseAll(const std::string& text, T& value) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end && !text.empty();
}

} // namespace

Checked<OptionScalar> scalarFromJson(const OptionSpec& spec, const json& value) {
  switch (spec.type) {
  case OptionType::Boolean:
    if (value.is_boolean())
      return checked(spec, value.get<bool>());
    return tl::unexpected(std::string("must be true or false"));
  case OptionType::Integer:
    if (value.is_number_integer() &&
        !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
      return checked(spec, value.get<std::int64_t>());
    return tl::unexpected(std::string("must be a whole number"));
  case OptionType::Number:
    if (value.is_number())
      return checked(spec, value.get<double>());
    return tl::unexpected(std::string("must be a number"));
  case OptionType::String:
    if (value.is_string())
      return checked(spec, value.get<std::string>());
    return tl::unexpected(std::string("must be a string"));
  }
  return tl::unexpected(std::string("has an unknown type"));
}

Checked<OptionScalar> scalarFromText(const OptionSpec& spec, const std::string& text) {
  switch (spec.type) {
  case OptionType::Boolean:
    if (text.empty() || text == "true")
      return checked(spec, true);
    if (text == "false")
      return checked(spec, false);
    return tl::unexpected(std::string("must be true or false"));
  case OptionType::Integer:
    if (std::int64_t value = 0; parseAll(text, value))
      return checked(spec, value);
    return tl::unexpected(std::string("must be a whole number"));
  case OptionType::Number:
    if (double value = 0; parseAll(text, value))
      return checked(spec, value);
    return tl::unexpected(std::string("must be a number"));
  case OptionType::String:
    return checked(spec, text);
  }
  return tl::unexpected(std::string("has an unknown type"));
}

Checked<void> checkCount(const OptionSpec& spec, std::size_t count) {
  if (count < spec.minItems)
    return tl::unexpected(fmt::format("needs at least {} values", spec.minItems));
  if (count > spec.maxItems)
    return tl::unexpected(fmt::format("takes at most {} values", spec.maxItems));
  return {};
}

Checked<std::vector<OptionScalar>> valuesFromJson(const OptionSpec& spec, const json& value) {
  std::vector<OptionScalar> values;
  if (!spec.list) {
    auto scalar = scalarFromJson(spec, value);
    if (!scalar)
      return tl::unexpected(scalar.error());
    values.push_back(std::move(*scalar));
    return values;
  }
  if (!value.is_array())
    return tl::unexpected(std::string("must be an array"));
  if (auto count = checkCount(spec, value.size()); !count)
    return tl::unexpected(count.error());
  for (const json& item : value) {
    auto scalar = scalarFromJson(spec, item);
    if (!scalar)
      return tl::unexpected(scalar.error());
    values.push_back(std::move(*scalar));
  }
  return values;
}

} // namespace switchyard::plugin
