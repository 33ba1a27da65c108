#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/jobs/experiment/fields.h"

namespace switchyard::jobs::experiment {

/// One of the entries that a template makes.
struct Instance {
  nlohmann::json entry; ///< "each" taken out, values put in
  std::string values;   ///< "beta=0.1 weak=rank"; empty without "each"
  /// Where exactly one number varies: its name and value, the axis of a figure, and what else
  /// varies.
  std::string variable{};
  std::optional<double> at{};
  std::string others{}; ///< "weak=rank"
};

constexpr std::size_t kMaxInstances = 10'000;

/// {"each": {"k": [1, 2]}, ...}: one entry for each combination of the listed values, the first
/// name changing slowest. In every text of the rest, "{k}" stands for the value; a text that is
/// just
/// "{k}" becomes the value itself, a number for a number. Without "each": the entry.
/// Errors: InvalidFormat for an empty list, values that are no scalars, a name that is used
/// nowhere; LimitExceeded above kMaxInstances.
base::Result<std::vector<Instance>> instantiate(const nlohmann::json& entry, const std::string& at,
                                                const base::Where& where);

} // namespace switchyard::jobs::experiment
