#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "analyzers/statistics/binomial.h"
#include "analyzers/statistics/p_values.h"
#include "core/base/error.h"

namespace switchyard::statistics {

/// Sign test: zeros dropped, exact binomial with p = 1/2. p is 1 without nonzero differences.
struct SignTest {
  std::int64_t plus = 0, minus = 0, zero = 0;
  ThreePValues p; ///< greater: more positive differences than chance gives
};

/// Errors: InvalidArgument (empty), NonFinite.
base::Result<SignTest> signTest(std::span<const double> differences);

/// McNemar's test of paired yes/no outcomes. b and c count the pairs in which only the first, only
/// the second succeeded; pairs that agree carry no information.
struct McNemarTest {
  Probability exact; ///< min(1, 2 P(Bin(b+c, 1/2) <= min(b, c))); 1 when b + c = 0
  /// (b-c)^2 / (b+c) and its p with one degree of freedom; nothing when b + c = 0.
  std::optional<double> chi2, chi2P;
  /// max(|b-c| - 1, 0)^2 / (b+c): 0 for b = c, where statsmodels gives 1/(b+c).
  std::optional<double> chi2Corrected, chi2CorrectedP;
};

/// Errors: InvalidArgument for a negative count or one above 5e11.
base::Result<McNemarTest> mcNemar(std::int64_t b, std::int64_t c);

} // namespace switchyard::statistics
