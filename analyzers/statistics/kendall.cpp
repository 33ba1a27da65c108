#include "analyzers/statistics/kendall.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "analyzers/statistics/checks.h"
#include "analyzers/statistics/moments.h"
#include "analyzers/statistics/normal.h"

namespace switchyard::statistics {

namespace {

/// Sums over tie groups of size t that the variance needs.
struct Ties {
  double pairs = 0.0;   ///< sum t(t-1)/2
  double triples = 0.0; ///< sum t(t-1)(t-2)
  double moment = 0.0;  ///< sum t(t-1)(2t+5)
};

Ties tiesOf(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  Ties ties;
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto end = std::upper_bound(begin, sorted.end(), *begin);
    const auto t = static_cast<double>(end - begin);
    ties.pairs += t * (t - 1.0) / 2.0;
    ties.triples += t * (t - 1.0) * (t - 2.0);
    ties.moment += t * (t - 1.0) * (2.0 * t + 5.0);
    begin = end;
  }
  return ties;
}

/// Pairs i < j with values[i] > values[j]; sorts values.
std::int64_t countInversions(std::span<double> values, std::span<double> scratch) {
  if (values.size() < 2)
    return 0;
  const std::size_t middle = values.size() / 2;
  std::int64_t count = countInversions(values.first(middle), scratch) +
                       countInversions(values.subspan(middle), scratch);
  std::size_t left = 0;
  std::size_t right = middle;
  for (std::size_t out = 0; out < values.size(); ++out) {
    const bool takeRight =
        left == middle || (right < values.size() && values[right] < values[left]);
    if (takeRight)
      count += static_cast<std::int64_t>(middle - left);
    scratch[out] = takeRight ? values[right++] : values[left++];
  }
  std::copy_n(scratch.begin(), values.size(), values.begin());
  return count;
}

/// Pairs equal in both columns; order sorts by x, then y.
double jointTies(std::span<const double> x, std::span<const double> y,
                 std::span<const std::size_t> order) {
  double pairs = 0.0;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && x[order[end]] == x[order[begin]] &&
           y[order[end]] == y[order[begin]])
      ++end;
    const auto t = static_cast<double>(end - begin);
    pairs += t * (t - 1.0) / 2.0;
    begin = end;
  }
  return pairs;
}

/// P(inversions of a random order of n <= limit), by adding one item at a time.
double inversionCdf(std::size_t n, std::size_t limit) {
  std::vector<double> probability{1.0};
  for (std::size_t items = 2; items <= n; ++items) {
    std::vector<double> next(probability.size() + items - 1, 0.0);
    for (std::size_t s = 0; s < probability.size(); ++s)
      for (std::size_t shift = 0; shift < items; ++shift)
        next[s + shift] += probability[s] / static_cast<double>(items);
    probability = std::move(next);
  }
  const std::size_t end = std::min(limit + 1, probability.size());
  return std::accumulate(probability.begin(),
                         probability.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
}

} // namespace

base::Result<Kendall> kendall(std::span<const double> x, std::span<const double> y) {
  SY_TRY(requireSameSize(x.size(), y.size(), "Kendall's tau"));
  SY_TRY(requireFinite(x, "Kendall's tau, x"));
  SY_TRY(requireFinite(y, "Kendall's tau, y"));
  Kendall result;
  if (x.size() < 2 || isConstant(x) || isConstant(y))
    return result;

  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [x, y](std::size_t a, std::size_t b) {
    return x[a] != x[b] ? x[a] < x[b] : y[a] < y[b];
  });
  std::vector<double> byX(x.size());
  std::transform(order.begin(), order.end(), byX.begin(), [y](std::size_t i) { return y[i]; });
  std::vector<double> scratch(x.size());
  const auto discordant = static_cast<double>(countInversions(byX, scratch));

  const auto n = static_cast<double>(x.size());
  const double pairs = n * (n - 1.0) / 2.0;
  const Ties tiesX = tiesOf(x);
  const Ties tiesY = tiesOf(y);
  const double concordant = pairs - tiesX.pairs - tiesY.pairs + jointTies(x, y, order) - discordant;
  const double excess = concordant - discordant;
  result.tauB = std::clamp(excess / std::sqrt(pairs - tiesX.pairs) / std::sqrt(pairs - tiesY.pairs),
                           -1.0, 1.0);

  double variance = (n * (n - 1.0) * (2.0 * n + 5.0) - tiesX.moment - tiesY.moment) / 18.0 +
                    2.0 * tiesX.pairs * tiesY.pairs / (n * (n - 1.0));
  if (x.size() > 2)
    variance += tiesX.triples * tiesY.triples / (9.0 * n * (n - 1.0) * (n - 2.0));
  result.pAsymptotic = 2.0 * normalSurvival(std::fabs(excess) / std::sqrt(variance));

  if (tiesX.pairs == 0.0 && tiesY.pairs == 0.0 && x.size() <= 50) {
    const auto fewer = static_cast<std::size_t>(std::min(concordant, discordant));
    result.pExact = std::min(1.0, 2.0 * inversionCdf(x.size(), fewer));
  }
  return result;
}

} // namespace switchyard::statistics
