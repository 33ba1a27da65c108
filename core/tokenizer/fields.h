#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace switchyard::tokenizer {

/// Reads one object of a tokenizer file strictly: a key that nobody knows is refused by name, and
/// every error says where in the file it is. Borrows the JSON.
class Fields {
public:
  /// path: where the object is, e.g. "model" or "pre_tokenizer.pretokenizers[2]".
  /// Errors: InvalidFormat if json is not an object; Unsupported for a key that is not in `known`.
  static base::Result<Fields> of(const nlohmann::json& json, std::string path,
                                 std::initializer_list<std::string_view> known);

  const std::string& path() const { return m_path; }
  std::string path(std::string_view key) const { return m_path + "." + std::string(key); }
  /// Null if the key is absent or its value is null.
  const nlohmann::json* find(std::string_view key) const;
  /// The value, or `fallback` if absent or null. Error InvalidFormat for another type.
  base::Result<bool> boolean(std::string_view key, bool fallback) const;
  base::Result<std::string> text(std::string_view key, std::string fallback) const;
  /// Required ones. Error InvalidFormat if absent, null or of another type.
  base::Result<std::string> text(std::string_view key) const;
  base::Result<const nlohmann::json*> array(std::string_view key) const;
  /// An object and the keys it may have. Error InvalidFormat if absent or not an object.
  base::Result<Fields> object(std::string_view key,
                              std::initializer_list<std::string_view> known) const;
  /// A text of exactly one character.
  base::Result<char32_t> character(std::string_view key) const;
  /// 0..most.
  base::Result<std::size_t> count(std::string_view key, std::size_t most) const;

  /// "pre_tokenizer.x: what" with the given code.
  tl::unexpected<base::Error> error(base::ErrorCode code, std::string_view what) const;

private:
  Fields(const nlohmann::json& json, std::string path) : m_json(&json), m_path(std::move(path)) {}
  const nlohmann::json* m_json;
  std::string m_path;
};

/// The "type" of a component, which decides what other keys it may have.
base::Result<std::string> typeOf(const nlohmann::json& json, std::string_view path);

} // namespace switchyard::tokenizer
