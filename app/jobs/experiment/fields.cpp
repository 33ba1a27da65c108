#include "app/jobs/experiment/fields.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace switchyard::jobs::experiment {

using base::ErrorCode;
using base::Result;
using nlohmann::json;

namespace {

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// A value as it may stand in a message.
std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60)
    text = text.substr(0, 57) + "...";
  return text;
}

} // namespace

std::string memberText(const json& object, const char* key) {
  if (!object.is_object())
    return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string nearest(std::string_view word, const std::vector<std::string>& choices) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& choice : choices)
    if (const std::size_t distance = edits(word.substr(0, 100), choice); distance < least) {
      least = distance;
      best = choice;
    }
  return best;
}

std::string hint(std::string_view word, const std::vector<std::string>& choices) {
  if (const std::string near = nearest(word, choices); !near.empty())
    return fmt::format("; did you mean \"{}\"?", near);
  return choices.empty() ? std::string() : fmt::format("; there are {}", fmt::join(choices, ", "));
}

Result<Fields> Fields::of(const json& value, std::string at, base::Where where) {
  Fields fields;
  fields.m_object = &value;
  fields.m_at = std::move(at);
  fields.m_where = std::move(where);
  if (!value.is_object())
    return fields.fail(fmt::format("{} is not an object", shown(value)));
  return fields;
}

const json* Fields::find(std::string_view key) {
  if (std::ranges::find(m_known, key) == m_known.end())
    m_known.emplace_back(key);
  const auto found = m_object->find(std::string(key));
  return found == m_object->end() ? nullptr : &*found;
}

std::string Fields::place(std::string_view key) const {
  return m_at.empty() ? std::string(key) : fmt::format("{}.{}", m_at, key);
}

tl::unexpected<base::Error> Fields::fail(const std::string& what) const {
  return base::fail(ErrorCode::InvalidFormat, m_at.empty() ? what : m_at + ": " + what, m_where);
}

tl::unexpected<base::Error> Fields::fail(std::string_view key, const std::string& what) const {
  return base::fail(ErrorCode::InvalidFormat, place(key) + ": " + what, m_where);
}

Result<void> Fields::text(std::string_view key, std::string& out) {
  const json* value = find(key);
  if (!value)
    return {};
  if (!value->is_string())
    return fail(key, shown(*value) + " is not a text");
  out = value->get<std::string>();
  return {};
}

Result<void> Fields::flag(std::string_view key, bool& out) {
  const json* value = find(key);
  if (!value)
    return {};
  if (!value->is_boolean())
    return fail(key, shown(*value) + " is neither true nor false");
  out = value->get<bool>();
  return {};
}

Result<void> Fields::number(std::string_view key, double& out) {
  const json* value = find(key);
  if (!value)
    return {};
  if (!value->is_number())
    return fail(key, shown(*value) + " is not a number");
  out = value->get<double>();
  return {};
}

Result<void> Fields::integer(std::string_view key, std::int64_t& out, std::int64_t least,
                             std::int64_t most) {
  const json* value = find(key);
  if (!value)
    return {};
  if (!value->is_number_integer() || *value < least || *value > most)
    return fail(key,
                fmt::format("{} is not a whole number from {} to {}", shown(*value), least, most));
  out = value->get<std::int64_t>();
  return {};
}

Result<void> Fields::count(std::string_view key, std::size_t& out) {
  auto value = static_cast<std::int64_t>(out);
  auto read = integer(key, value, 0, 1'000'000'000);
  if (read)
    out = static_cast<std::size_t>(value);
  return read;
}

Result<void> Fields::seed(std::string_view key, std::uint64_t& out) {
  const json* value = find(key);
  if (!value)
    return {};
  if (!value->is_number_unsigned())
    return fail(key, fmt::format("{} is not a whole number from 0 to {}", shown(*value),
                                 std::numeric_limits<std::uint64_t>::max()));
  out = value->get<std::uint64_t>();
  return {};
}

Result<void> Fields::texts(std::string_view key, std::vector<std::string>& out) {
  const json* value = find(key);
  if (!value)
    return {};
  if (!value->is_array() ||
      !std::ranges::all_of(*value, [](const json& item) { return item.is_string(); }))
    return fail(key, shown(*value) + " is not a list of texts");
  out = value->get<std::vector<std::string>>();
  return {};
}

Result<void> Fields::numbers(std::string_view key, std::vector<double>& out) {
  const json* value = find(key);
  if (!value)
    return {};
  if (!value->is_array() ||
      !std::ranges::all_of(*value, [](const json& item) { return item.is_number(); }))
    return fail(key, shown(*value) + " is not a list of numbers");
  out = value->get<std::vector<double>>();
  return {};
}

Result<void> Fields::end() const {
  for (const auto& item : m_object->items())
    if (std::ranges::find(m_known, item.key()) == m_known.end())
      return fail(fmt::format("there is no key \"{}\"{}", item.key().substr(0, 60),
                              hint(item.key(), m_known)));
  return {};
}

} // namespace switchyard::jobs::experiment
