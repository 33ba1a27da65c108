#include "analyzers/statistics/proportion.h"

#include <algorithm>
#include <cmath>

#include "analyzers/statistics/normal.h"

namespace switchyard::statistics {

base::Result<std::array<double, 2>> wilsonInterval(std::int64_t successes, std::int64_t trials,
                                                   double level) {
  if (trials <= 0 || successes < 0 || successes > trials || !(level > 0 && level < 1))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "a proportion needs 0 <= successes <= trials, trials > 0, and a level in "
                      "(0, 1)");
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double z = -normalQuantile((1 - level) / 2);
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  // Exact ends, which rounding would miss.
  return std::array{successes == 0 ? 0.0 : std::max(0.0, centre - half),
                    successes == trials ? 1.0 : std::min(1.0, centre + half)};
}

} // namespace switchyard::statistics
