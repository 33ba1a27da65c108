#include "analyzers/statistics/npmi.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/statistics/hypergeometric.h"

namespace switchyard::statistics {

base::Result<MarkerAssociation> markerAssociation(const MarkerCounts& counts,
                                                  const MarkerSupport& support) {
  const auto [tokens, marker, expert, both] = counts;
  if (both < 0 || both > marker || both > expert || marker > tokens || expert > tokens ||
      marker - both > tokens - expert)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("nPMI: {} marker and {} expert tokens, {} together, of {} do not "
                                  "make a table",
                                  marker, expert, both, tokens));
  const auto law = SY_TRY(Hypergeometric::create(tokens, expert, marker));
  MarkerAssociation result;
  if (tokens > 0)
    result.atLeast = law.atLeast(both);
  result.supported = expert >= support.minExpert && both >= support.minBoth;
  if (tokens == 0 || marker == 0 || expert == 0)
    return result;
  if (both == 0 || both == tokens) {
    result.npmi = both == 0 ? -1.0 : 1.0;
    return result;
  }
  const auto t = static_cast<double>(tokens);
  const auto k = static_cast<double>(both);
  const double pointwise =
      std::log(k / static_cast<double>(marker)) + std::log(t / static_cast<double>(expert));
  result.npmi = std::clamp(pointwise / std::log(t / k), -1.0, 1.0);
  return result;
}

} // namespace switchyard::statistics
