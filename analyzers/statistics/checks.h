#pragma once

#include <span>
#include <string_view>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Error NonFinite naming `what` and the index of the first NaN or infinity; InvalidArgument when
/// there are no values.
base::Result<void> requireFinite(std::span<const double> values, std::string_view what);

/// Error InvalidArgument naming `what` unless the two lengths agree.
base::Result<void> requireSameSize(std::size_t first, std::size_t second, std::string_view what);

} // namespace switchyard::statistics
