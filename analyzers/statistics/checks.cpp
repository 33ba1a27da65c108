#include "analyzers/statistics/checks.h"

#include <cmath>
#include <string>

#include <fmt/format.h>

namespace switchyard::statistics {

base::Result<void> requireFinite(std::span<const double> values, std::string_view what) {
  if (values.empty())
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("{}: no values were given; at least one is needed", what));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      return base::fail(
          base::ErrorCode::NonFinite,
          fmt::format("{}: value {} is {}; every value must be finite", what, i, values[i]));
  return {};
}

base::Result<void> requireSameSize(std::size_t first, std::size_t second, std::string_view what) {
  if (first != second)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("{}: lengths {} and {} differ; they must agree", what, first, second));
  return {};
}

} // namespace switchyard::statistics
