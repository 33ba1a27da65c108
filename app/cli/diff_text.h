#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "app/jobs/experiment/numbers.h"

namespace switchyard::cli {

/// Which values differ and by how much, for people: at most `most` lines, then how many more.
std::string toText(const jobs::experiment::NumberDiff& diff, std::size_t most);
nlohmann::json toJson(const jobs::experiment::NumberDiff& diff);

} // namespace switchyard::cli
