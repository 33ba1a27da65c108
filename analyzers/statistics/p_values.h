#pragma once

namespace switchyard::statistics {

/// p values of one test in its three alternatives.
struct ThreePValues {
  double twoSided = 1.0;
  double greater = 1.0;
  double less = 1.0;
};

} // namespace switchyard::statistics
