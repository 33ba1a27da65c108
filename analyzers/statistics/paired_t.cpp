#include "analyzers/statistics/paired_t.h"

#include <algorithm>
#include <cmath>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/moments.h"
#include "analyzers/statistics/student_t.h"

namespace switchyard::statistics {

base::Result<std::optional<PairedTTest>> pairedT(std::span<const double> differences,
                                                 double level) {
  SY_TRY(requireFinite(differences, "paired t test"));
  if (!(level > 0.0 && level < 1.0))
    return base::fail(base::ErrorCode::InvalidArgument,
                      "paired t test: the confidence level must lie between 0 and 1");
  if (isConstant(differences))
    return std::optional<PairedTTest>{};

  const auto n = static_cast<double>(differences.size());
  PairedTTest test;
  test.mean = meanOf(differences);
  test.sd = std::sqrt(squaresAbout(differences, test.mean) / (n - 1.0));
  test.degreesOfFreedom = n - 1.0;
  const double standardError = test.sd / std::sqrt(n);
  test.t = test.mean / standardError;
  test.cohensDz = test.mean / test.sd;
  test.p.twoSided = studentTTwoSided(test.t, test.degreesOfFreedom);
  test.p.greater = studentTSurvival(test.t, test.degreesOfFreedom);
  test.p.less = studentTSurvival(-test.t, test.degreesOfFreedom);
  const double reach =
      standardError * studentTUpperQuantile(0.5 * (1.0 - level), test.degreesOfFreedom);
  test.interval = {test.mean - reach, test.mean + reach};
  return std::optional(test);
}

} // namespace switchyard::statistics
