#pragma once

#include <cstdint>

namespace switchyard::statistics {

/// p values of one test in its three alternatives.
struct ThreePValues {
  double twoSided = 1.0;
  double greater = 1.0;
  double less = 1.0;
};

enum class Alternative : std::uint8_t { TwoSided, Greater, Less };

} // namespace switchyard::statistics
