#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/jobs/evaluate/outcome.h"
#include "core/base/error.h"

namespace switchyard::jobs::experiment {

/// Answers of one variant, by item, then repeat, as JSON. Times are left out.
std::string outcomesToJson(const std::vector<evaluate::Outcome>& outcomes);
/// Error Corrupt for anything that outcomesToJson would not have written.
base::Result<std::vector<evaluate::Outcome>> outcomesFromJson(std::string_view text);

} // namespace switchyard::jobs::experiment
