#include "core/tokenizer/fields.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/tokenizer/utf8.h"

namespace switchyard::tokenizer {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<Fields> Fields::of(const nlohmann::json& json, std::string path,
                          std::initializer_list<std::string_view> known) {
  if (!json.is_object())
    return fail(ErrorCode::InvalidFormat, fmt::format("{} is not an object", path));
  for (const auto& item : json.items())
    if (std::ranges::find(known, std::string_view(item.key())) == known.end())
      return fail(ErrorCode::Unsupported,
                  fmt::format("{}: option \"{}\" is not supported", path, item.key()));
  return Fields(json, std::move(path));
}

const nlohmann::json* Fields::find(std::string_view key) const {
  const auto found = m_json->find(key);
  return found == m_json->end() || found->is_null() ? nullptr : &*found;
}

tl::unexpected<base::Error> Fields::error(ErrorCode code, std::string_view what) const {
  return fail(code, fmt::format("{}: {}", m_path, what));
}

Result<bool> Fields::boolean(std::string_view key, bool fallback) const {
  const nlohmann::json* value = find(key);
  if (!value)
    return fallback;
  if (!value->is_boolean())
    return error(ErrorCode::InvalidFormat, fmt::format("\"{}\" is not true or false", key));
  return value->get<bool>();
}

Result<std::string> Fields::text(std::string_view key, std::string fallback) const {
  return find(key) ? text(key) : Result<std::string>(std::move(fallback));
}

Result<std::string> Fields::text(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (!value || !value->is_string())
    return error(ErrorCode::InvalidFormat, fmt::format("\"{}\" is not a text", key));
  return value->get<std::string>();
}

Result<const nlohmann::json*> Fields::array(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (!value || !value->is_array())
    return error(ErrorCode::InvalidFormat, fmt::format("\"{}\" is not a list", key));
  return value;
}

Result<Fields> Fields::object(std::string_view key,
                              std::initializer_list<std::string_view> known) const {
  const nlohmann::json* value = find(key);
  if (!value)
    return error(ErrorCode::InvalidFormat, fmt::format("\"{}\" is missing", key));
  return of(*value, path(key), known);
}

Result<char32_t> Fields::character(std::string_view key) const {
  const std::string value = SY_TRY(text(key));
  if (value.empty() || codePointAt(value, 0).bytes != value.size())
    return error(ErrorCode::InvalidFormat, fmt::format("\"{}\" is not one character", key));
  return codePointAt(value, 0).value;
}

Result<std::size_t> Fields::count(std::string_view key, std::size_t most) const {
  const nlohmann::json* value = find(key);
  if (!value || !value->is_number_unsigned() || value->get<std::uint64_t>() > most)
    return error(ErrorCode::InvalidFormat,
                 fmt::format("\"{}\" is not a number from 0 to {}", key, most));
  return value->get<std::size_t>();
}

Result<std::string> typeOf(const nlohmann::json& json, std::string_view path) {
  if (json.is_object()) {
    const auto type = json.find("type");
    if (type != json.end() && type->is_string())
      return type->get<std::string>();
  }
  return fail(ErrorCode::InvalidFormat, fmt::format("{} has no \"type\"", path));
}

} // namespace switchyard::tokenizer
