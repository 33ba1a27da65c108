#include "core/routing/policies/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace switchyard::routing {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

namespace {

/// Longest list that an option may hold (a hash table over a vocabulary fits).
constexpr std::size_t kMaxItems = 1u << 20;
constexpr std::int64_t kMaxExpert = 1 << 16;

std::optional<std::int32_t> parseInteger(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value >= kMaxExpert)
    return std::nullopt;
  return value;
}

std::optional<ExpertRef> parseExpert(const json& item) {
  if (item.is_number_integer()) {
    const auto value = item.get<std::int64_t>();
    if (value < 0 || value >= kMaxExpert)
      return std::nullopt;
    return ExpertRef{std::nullopt, static_cast<std::int32_t>(value)};
  }
  if (!item.is_string())
    return std::nullopt;
  const std::string_view text = item.get_ref<const std::string&>();
  const std::size_t colon = text.find(':');
  const auto expert = parseInteger(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!expert)
    return std::nullopt;
  if (colon == std::string_view::npos)
    return ExpertRef{std::nullopt, *expert};
  const auto layer = parseInteger(text.substr(0, colon));
  return layer ? std::optional(ExpertRef{layer, *expert}) : std::nullopt;
}

} // namespace

json toJson(const std::vector<ExpertRef>& experts) {
  json list = json::array();
  for (const ExpertRef& ref : experts) {
    if (ref.layer)
      list.push_back(fmt::format("{}:{}", *ref.layer, ref.expert));
    else
      list.push_back(ref.expert);
  }
  return list;
}

OptionReader::OptionReader(std::string_view step, const json& options)
    : m_step(step), m_options(options) {}

const json* OptionReader::find(std::string_view key) {
  m_asked.emplace_back(key);
  if (!m_options.is_object())
    return nullptr;
  const auto found = m_options.find(std::string(key));
  return found == m_options.end() ? nullptr : &*found;
}

bool OptionReader::has(std::string_view key) const {
  return m_options.is_object() && m_options.contains(std::string(key));
}

tl::unexpected<base::Error> OptionReader::refuse(std::string_view key,
                                                 std::string_view what) const {
  return base::fail(ErrorCode::InvalidArgument,
                    fmt::format("step '{}': option '{}' {}", m_step, key, what));
}

Result<double> OptionReader::number(std::string_view key, double low, double high,
                                    std::optional<double> fallback) {
  const json* value = find(key);
  if (!value && fallback)
    return *fallback;
  if (!value)
    return refuse(key, "is required");
  if (!value->is_number())
    return refuse(key, "must be a number");
  const double number = value->get<double>();
  if (!(number >= low && number <= high))
    return refuse(key, fmt::format("is {}, must lie between {} and {}", number, low, high));
  return number;
}

Result<std::int64_t> OptionReader::integer(std::string_view key, std::int64_t low,
                                           std::int64_t high,
                                           std::optional<std::int64_t> fallback) {
  const json* value = find(key);
  if (!value && fallback)
    return *fallback;
  if (!value)
    return refuse(key, "is required");
  const bool tooLarge = value->is_number_unsigned() &&
                        value->get<std::uint64_t>() >
                            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value->is_number_integer() || tooLarge)
    return refuse(key, "must be a whole number");
  const auto number = value->get<std::int64_t>();
  if (number < low || number > high)
    return refuse(key, fmt::format("is {}, must lie between {} and {}", number, low, high));
  return number;
}

Result<std::optional<bool>> OptionReader::flag(std::string_view key) {
  const json* value = find(key);
  if (!value)
    return std::optional<bool>{};
  if (!value->is_boolean())
    return refuse(key, "must be true or false");
  return std::optional(value->get<bool>());
}

Result<std::size_t> OptionReader::choice(std::string_view key,
                                         std::vector<std::string_view> choices) {
  const json* value = find(key);
  if (!value)
    return std::size_t{0};
  if (value->is_string()) {
    const auto found = std::ranges::find(choices, value->get_ref<const std::string&>());
    if (found != choices.end())
      return static_cast<std::size_t>(found - choices.begin());
  }
  return refuse(key, fmt::format("must be one of: {}", fmt::join(choices, ", ")));
}

Result<std::vector<float>> OptionReader::floats(std::string_view key) {
  const json* value = find(key);
  std::vector<float> numbers;
  if (!value)
    return numbers;
  if (!value->is_array() || value->size() > kMaxItems)
    return refuse(key, "must be a list of numbers");
  for (const json& item : *value) {
    const double number = item.is_number() ? item.get<double>() : std::nan("");
    if (!std::isfinite(static_cast<float>(number)))
      return refuse(key, "must hold finite numbers only");
    numbers.push_back(static_cast<float>(number));
  }
  return numbers;
}

Result<std::vector<std::int64_t>> OptionReader::integers(std::string_view key, std::int64_t low,
                                                         std::int64_t high) {
  const json* value = find(key);
  std::vector<std::int64_t> numbers;
  if (!value)
    return numbers;
  if (!value->is_array() || value->size() > kMaxItems)
    return refuse(key, "must be a list of whole numbers");
  for (const json& item : *value) {
    const bool fits = item.is_number_integer() && item.get<std::int64_t>() >= low &&
                      item.get<std::int64_t>() <= high;
    if (!fits)
      return refuse(key, fmt::format("must hold whole numbers between {} and {}", low, high));
    numbers.push_back(item.get<std::int64_t>());
  }
  return numbers;
}

Result<std::vector<ExpertRef>> OptionReader::experts(std::string_view key) {
  const json* value = find(key);
  std::vector<ExpertRef> refs;
  if (!value)
    return refs;
  if (!value->is_array() || value->size() > kMaxItems)
    return refuse(key, "must be a list of experts");
  for (const json& item : *value) {
    const auto ref = parseExpert(item);
    if (!ref)
      return refuse(key, "must hold experts as 17 (every layer) or \"3:17\" (layer 3)");
    refs.push_back(*ref);
  }
  std::ranges::sort(refs);
  if (std::ranges::adjacent_find(refs) != refs.end())
    return refuse(key, "names an expert twice");
  return refs;
}

Result<void> OptionReader::finish() const {
  if (!m_options.is_object())
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("step '{}': its options must be a JSON object", m_step));
  for (const auto& item : m_options.items())
    if (std::ranges::find(m_asked, item.key()) == m_asked.end())
      return refuse(item.key(),
                    fmt::format("is not known; there are: {}", fmt::join(m_asked, ", ")));
  return {};
}

} // namespace switchyard::routing
