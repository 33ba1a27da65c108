#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/trace/result.h"

namespace switchyard::analyzers {

/// A cell of a number that may be undefined.
inline trace::Cell cell(const std::optional<double>& value) {
  return value ? trace::Cell(*value) : trace::Cell();
}
inline trace::Cell cell(double value) {
  return trace::Cell(value);
}
inline trace::Cell cell(std::int64_t value) {
  return trace::Cell(value);
}
inline trace::Cell cell(std::uint64_t value) {
  return trace::Cell(static_cast<std::int64_t>(value));
}
inline trace::Cell cell(int value) {
  return trace::Cell(std::int64_t{value});
}

/// Undefined, in figures.
inline constexpr double kNoData = std::numeric_limits<double>::quiet_NaN();

/// For figures, where undefined is NaN.
inline double orNan(const std::optional<double>& value) {
  return value.value_or(kNoData);
}

/// a / b, or nothing for b = 0.
inline std::optional<double> ratio(double a, double b) {
  if (b == 0)
    return std::nullopt;
  return a / b;
}

/// Sum in order of ascending index.
template <typename T> T total(const std::vector<T>& values) {
  T sum{};
  for (const T& value : values)
    sum += value;
  return sum;
}

} // namespace switchyard::analyzers
