#pragma once

#include <concepts>
#include <optional>

namespace switchyard::base {

/// a * b, or nothing if the product does not fit.
template <std::integral Int> constexpr std::optional<Int> checkedMul(Int a, Int b) {
  Int product{};
  if (__builtin_mul_overflow(a, b, &product))
    return std::nullopt;
  return product;
}

/// a + b, or nothing if the sum does not fit.
template <std::integral Int> constexpr std::optional<Int> checkedAdd(Int a, Int b) {
  Int sum{};
  if (__builtin_add_overflow(a, b, &sum))
    return std::nullopt;
  return sum;
}

} // namespace switchyard::base
