#include "analyzers/statistics/sign_flip.h"

#include <algorithm>

#include <fmt/format.h>

#include "analyzers/statistics/checks.h"
#include "core/base/rng.h"

namespace switchyard::statistics {

namespace {

constexpr std::int64_t kMaxFlips = 10'000'000;

double meanOfProducts(std::span<const double> differences, std::span<const std::int8_t> signs) {
  double sum = 0.0;
  for (std::size_t i = 0; i < differences.size(); ++i)
    sum += signs[i] * differences[i];
  return sum / static_cast<double>(differences.size());
}

SignFlipTest observe(std::span<const double> differences) {
  SignFlipTest test;
  for (const double difference : differences)
    test.observed += difference;
  test.observed /= static_cast<double>(differences.size());
  return test;
}

} // namespace

base::Result<SignFlipTest> signFlipTest(std::span<const double> differences,
                                        const SignFlipOptions& options) {
  SY_TRY(requireFinite(differences, "sign-flip test"));
  if (options.exactUpTo > 24 || options.flips < 1 || options.flips > kMaxFlips)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        fmt::format("sign-flip test: exact up to {} (at most 24) and {} flips (1..{})",
                    options.exactUpTo, options.flips, kMaxFlips));
  SignFlipTest test = observe(differences);
  const std::size_t n = differences.size();
  test.exact = static_cast<std::int64_t>(n) <= options.exactUpTo;
  const std::int64_t rounds = test.exact ? std::int64_t{1} << n : options.flips;
  std::vector<std::int8_t> signs(n);
  for (std::int64_t round = 0; round < rounds; ++round) {
    base::Rng rng(options.seed, static_cast<std::uint64_t>(round));
    for (std::size_t i = 0; i < n; ++i) {
      const bool flip = test.exact ? (round >> i & 1) != 0 : (rng.nextU32() & 1) != 0;
      signs[i] = flip ? -1 : 1;
    }
    test.counts.add(meanOfProducts(differences, signs), test.observed);
  }
  test.p = test.exact ? test.counts.exact() : test.counts.sampled();
  return test;
}

base::Result<SignFlipTest> signFlipTest(std::span<const double> differences,
                                        std::span<const std::int8_t> signs) {
  SY_TRY(requireFinite(differences, "sign-flip test"));
  const std::size_t n = differences.size();
  const bool valid = std::all_of(signs.begin(), signs.end(),
                                 [](std::int8_t sign) { return sign == 1 || sign == -1; });
  if (signs.empty() || signs.size() % n != 0 || !valid)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("sign-flip test: signs must be rows of {} entries +1 or -1", n));
  SignFlipTest test = observe(differences);
  for (std::size_t row = 0; row < signs.size(); row += n)
    test.counts.add(meanOfProducts(differences, signs.subspan(row, n)), test.observed);
  test.p = test.counts.sampled();
  return test;
}

} // namespace switchyard::statistics
