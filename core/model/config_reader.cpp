#include "core/model/config_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace switchyard::model {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

namespace {

bool fitsInt64(const json& value) {
  if (value.is_number_unsigned())
    return value.get<std::uint64_t>() <=
           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return value.is_number_integer();
}

/// Everything is computed in float32.
bool fitsFloat(const json& value) {
  return value.is_number() &&
         std::abs(value.get<double>()) <= static_cast<double>(std::numeric_limits<float>::max());
}

} // namespace

ConfigReader::ConfigReader(const json& object, const std::string& file, std::string where)
    : m_object(object), m_file(file), m_where(std::move(where)) {}

bool ConfigReader::has(Keys keys) const {
  for (const std::string_view key : keys) {
    const auto found = m_object.find(key);
    if (found != m_object.end() && !found->is_null())
      return true;
  }
  return false;
}

bool ConfigReader::missing(std::string_view key) const {
  return !m_object.contains(key);
}

bool ConfigReader::isNull(std::string_view key) const {
  return !missing(key) && !has({key});
}

std::string_view ConfigReader::spelling(Keys keys) const {
  for (const std::string_view key : keys)
    if (has({key}))
      return key;
  return *keys.begin();
}

Result<const json*> ConfigReader::find(Keys keys) {
  const json* value = nullptr;
  for (const std::string_view key : keys) {
    m_known.emplace(key);
    const auto found = m_object.find(key);
    if (found == m_object.end() || found->is_null())
      continue;
    if (value && *value != *found)
      return invalid(
          key, fmt::format("contradicts {}, another name of the same option", spelling(keys)));
    value = &*found;
  }
  return value;
}

Result<std::optional<std::int64_t>> ConfigReader::integer(Keys keys, std::int64_t low,
                                                          std::int64_t high) {
  const json* value = SY_TRY(find(keys));
  if (!value)
    return std::nullopt;
  if (!fitsInt64(*value) || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high)
    return invalid(spelling(keys), fmt::format("must be an integer between {} and {}", low, high));
  return value->get<std::int64_t>();
}

Result<int> ConfigReader::integerOr(Keys keys, int low, int high, int fallback) {
  const auto value = SY_TRY(integer(keys, low, high));
  return value ? static_cast<int>(*value) : fallback;
}

Result<std::optional<double>> ConfigReader::real(Keys keys) {
  const json* value = SY_TRY(find(keys));
  if (!value)
    return std::nullopt;
  if (!fitsFloat(*value))
    return invalid(spelling(keys), "must be a number in the range of float32");
  return value->get<double>();
}

Result<double> ConfigReader::realOr(Keys keys, double fallback) {
  return SY_TRY(real(keys)).value_or(fallback);
}

Result<double> ConfigReader::positiveOr(Keys keys, double fallback) {
  const double value = SY_TRY(realOr(keys, fallback));
  if (value < static_cast<double>(std::numeric_limits<float>::min()))
    return invalid(spelling(keys), "must be greater than 0, in float32");
  return value;
}

Result<bool> ConfigReader::booleanOr(Keys keys, bool fallback) {
  const json* value = SY_TRY(find(keys));
  if (!value)
    return fallback;
  if (!value->is_boolean())
    return invalid(spelling(keys), "must be true or false");
  return value->get<bool>();
}

Result<std::optional<std::string>> ConfigReader::text(Keys keys) {
  const json* value = SY_TRY(find(keys));
  if (!value)
    return std::nullopt;
  if (!value->is_string())
    return invalid(spelling(keys), "must be a string");
  return value->get<std::string>();
}

template <typename T>
Result<std::optional<std::vector<T>>> ConfigReader::list(Keys keys, bool (*fits)(const json&),
                                                         std::string_view what) {
  const json* value = SY_TRY(find(keys));
  if (!value)
    return std::nullopt;
  if (!value->is_array() || !std::ranges::all_of(*value, fits))
    return invalid(spelling(keys), fmt::format("must be a list of {}", what));
  return value->get<std::vector<T>>();
}

Result<std::optional<std::vector<std::int64_t>>> ConfigReader::integers(Keys keys) {
  return list<std::int64_t>(
      keys, [](const json& entry) { return fitsInt64(entry); }, "integers");
}

Result<std::optional<std::vector<double>>> ConfigReader::reals(Keys keys) {
  return list<double>(
      keys, [](const json& entry) { return fitsFloat(entry); }, "numbers");
}

Result<std::optional<std::vector<std::string>>> ConfigReader::texts(Keys keys) {
  return list<std::string>(
      keys, [](const json& entry) { return entry.is_string(); }, "strings");
}

void ConfigReader::accept(Keys keys) {
  for (const std::string_view key : keys)
    m_known.emplace(key);
}

std::vector<std::string> ConfigReader::unread() const {
  std::vector<std::string> keys;
  for (const auto& entry : m_object.items())
    if (!m_known.contains(entry.key()))
      keys.push_back(entry.key());
  return keys;
}

std::string ConfigReader::shown(std::string_view key) const {
  constexpr std::size_t kLongest = 60;
  const auto found = m_object.find(key);
  if (found == m_object.end())
    return "missing";
  std::string text = found->dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kLongest)
    text = text.substr(0, kLongest) + "...";
  return text;
}

tl::unexpected<base::Error> ConfigReader::refuse(ErrorCode code, std::string_view key,
                                                 std::string_view problem) const {
  return base::fail(code, fmt::format("{}{} is {}: {}", m_where, key, shown(key), problem),
                    {.file = m_file});
}

tl::unexpected<base::Error> ConfigReader::invalid(std::string_view key,
                                                  std::string_view problem) const {
  return refuse(ErrorCode::InvalidFormat, key, problem);
}

tl::unexpected<base::Error> ConfigReader::unsupported(std::string_view key,
                                                      std::string_view problem) const {
  return refuse(ErrorCode::Unsupported, key, problem);
}

} // namespace switchyard::model
