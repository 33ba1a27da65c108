#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/plugin/options.h"

namespace switchyard::jobs {

/// The options that were given (not the defaults), as the object that a recipe writes and
/// plugin::parseOptions reads.
nlohmann::json givenOptions(const plugin::OptionValues& values);

} // namespace switchyard::jobs
