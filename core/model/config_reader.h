#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace switchyard::model {

/// Typed reading of one JSON object of a config.json, which remembers the keys it was asked for.
/// A value of null counts as missing. Errors name the key, its value and what was expected:
/// InvalidFormat. Several spellings of a key may be given; if more than one is present, their
/// values must agree.
class ConfigReader {
public:
  using Keys = std::initializer_list<std::string_view>;

  /// `where` prefixes keys in messages ("rope_scaling."). Both outlive the reader.
  ConfigReader(const nlohmann::json& object, const std::string& file, std::string where = "");

  bool has(Keys keys) const; ///< present and not null
  bool missing(std::string_view key) const;
  bool isNull(std::string_view key) const; ///< present, and null
  /// The value under whichever spelling is there, or null.
  base::Result<const nlohmann::json*> find(Keys keys);

  /// Integers must be written as integers. Bounds are inclusive.
  base::Result<std::optional<std::int64_t>> integer(Keys keys, std::int64_t low, std::int64_t high);
  base::Result<int> integerOr(Keys keys, int low, int high, int fallback);
  base::Result<std::optional<double>> real(Keys keys); ///< within float32
  base::Result<double> realOr(Keys keys, double fallback);
  base::Result<double> positiveOr(Keys keys, double fallback);
  base::Result<bool> booleanOr(Keys keys, bool fallback);
  base::Result<std::optional<std::string>> text(Keys keys);
  base::Result<std::optional<std::vector<std::int64_t>>> integers(Keys keys);
  base::Result<std::optional<std::vector<double>>> reals(Keys keys);
  base::Result<std::optional<std::vector<std::string>>> texts(Keys keys);

  /// Marks keys as known without reading them.
  void accept(Keys keys);
  /// Keys of the object that were neither read nor accepted, sorted.
  std::vector<std::string> unread() const;

  tl::unexpected<base::Error> invalid(std::string_view key, std::string_view problem) const;
  tl::unexpected<base::Error> unsupported(std::string_view key, std::string_view problem) const;
  /// The value of a key as JSON, shortened for messages.
  std::string shown(std::string_view key) const;

private:
  /// Which of the spellings is there, else the first.
  std::string_view spelling(Keys keys) const;
  template <typename T>
  base::Result<std::optional<std::vector<T>>> list(Keys keys, bool (*fits)(const nlohmann::json&),
                                                   std::string_view what);
  tl::unexpected<base::Error> refuse(base::ErrorCode code, std::string_view key,
                                     std::string_view problem) const;

  const nlohmann::json& m_object;
  const std::string& m_file;
  std::string m_where;
  std::set<std::string, std::less<>> m_known;
};

} // namespace switchyard::model
