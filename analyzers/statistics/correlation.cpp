#include "analyzers/statistics/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/moments.h"
#include "analyzers/statistics/ranks.h"
#include "analyzers/statistics/student_t.h"

namespace switchyard::statistics {

namespace {

base::Result<void> checkPairs(std::span<const double> x, std::span<const double> y) {
  SY_TRY(requireSameSize(x.size(), y.size(), "correlation"));
  SY_TRY(requireFinite(x, "correlation, x"));
  SY_TRY(requireFinite(y, "correlation, y"));
  return {};
}

Correlation correlate(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2 || isConstant(x) || isConstant(y))
    return {};
  const double meanX = meanOf(x);
  const double meanY = meanOf(y);
  const double scale = std::sqrt(squaresAbout(x, meanX)) * std::sqrt(squaresAbout(y, meanY));
  double r = productsAbout(x, meanX, y, meanY) / scale;
  if (!std::isfinite(r))
    return {};
  if (std::fabs(r) > 1.0 - 4.0 * std::numeric_limits<double>::epsilon())
    r = r > 0.0 ? 1.0 : -1.0;
  Correlation result{r, std::nullopt};
  if (x.size() > 2) {
    const double degrees = static_cast<double>(x.size()) - 2.0;
    result.p = incompleteBeta(0.5 * degrees, 0.5, (1.0 - r) * (1.0 + r), r * r);
  }
  return result;
}

} // namespace

base::Result<Correlation> pearson(std::span<const double> x, std::span<const double> y) {
  SY_TRY(checkPairs(x, y));
  return correlate(x, y);
}

base::Result<Correlation> spearman(std::span<const double> x, std::span<const double> y) {
  SY_TRY(checkPairs(x, y));
  return correlate(averageRanks(x).ranks, averageRanks(y).ranks);
}

base::Result<LinearFit> fitLine(std::span<const double> x, std::span<const double> y) {
  SY_TRY(checkPairs(x, y));
  LinearFit fit;
  if (isConstant(x))
    return fit;
  const double meanX = meanOf(x);
  const double meanY = meanOf(y);
  const double squares = squaresAbout(x, meanX);
  fit.slope = productsAbout(x, meanX, y, meanY) / squares;
  fit.intercept = meanY - *fit.slope * meanX;
  double residual = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double rest = (y[i] - meanY) - *fit.slope * (x[i] - meanX);
    residual += rest * rest;
  }
  if (!isConstant(y)) {
    const double r = correlate(x, y).coefficient.value_or(0.0);
    fit.rSquared = r * r;
  }
  if (x.size() > 2)
    fit.slopeStandardError = std::sqrt(residual / (static_cast<double>(x.size()) - 2.0) / squares);
  return fit;
}

} // namespace switchyard::statistics
