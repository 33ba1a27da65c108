#pragma once

#include <array>
#include <cstdint>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Wilson's score interval of a proportion, `successes` of `trials`: inside [0, 1], and of positive
/// length also where all or none succeed. No continuity correction. Source: Wilson 1927.
/// Errors: InvalidArgument unless 0 <= successes <= trials, trials > 0, level in (0, 1).
base::Result<std::array<double, 2>> wilsonInterval(std::int64_t successes, std::int64_t trials,
                                                   double level = 0.95);

} // namespace switchyard::statistics
