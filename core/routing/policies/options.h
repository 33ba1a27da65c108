#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"

namespace switchyard::routing {

/// One entry of an `experts` option: an id, at one layer (position in the stack) or at all.
struct ExpertRef {
  std::optional<std::int32_t> layer;
  std::int32_t expert = 0;
  friend auto operator<=>(const ExpertRef&, const ExpertRef&) = default;
};

/// The list as an `experts` option.
nlohmann::json toJson(const std::vector<ExpertRef>& experts);

/// Reads a step's options: a JSON object in which every key must be known. Errors are
/// InvalidArgument and name the step and the option. Keys that were never asked for are refused by
/// finish().
class OptionReader {
public:
  OptionReader(std::string_view step, const nlohmann::json& options);

  /// Fallbacks hold when the key is absent; without one the option is required.
  base::Result<double> number(std::string_view key, double low, double high,
                              std::optional<double> fallback = {});
  base::Result<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high,
                                     std::optional<std::int64_t> fallback = {});
  base::Result<std::optional<bool>> flag(std::string_view key);
  /// One of `choices`; the first is the fallback. Returns its index.
  base::Result<std::size_t> choice(std::string_view key, std::vector<std::string_view> choices);
  /// Empty when absent; finite numbers only.
  base::Result<std::vector<float>> floats(std::string_view key);
  base::Result<std::vector<std::int64_t>> integers(std::string_view key, std::int64_t low,
                                                   std::int64_t high);
  /// Entries 17 or "17" (all layers), "3:17" (layer 3 only); ascending, duplicates refused.
  base::Result<std::vector<ExpertRef>> experts(std::string_view key);
  bool has(std::string_view key) const;

  base::Result<void> finish() const;
  tl::unexpected<base::Error> refuse(std::string_view key, std::string_view what) const;

private:
  const nlohmann::json* find(std::string_view key);

  std::string m_step;
  const nlohmann::json& m_options;
  std::vector<std::string> m_asked;
};

} // namespace switchyard::routing
