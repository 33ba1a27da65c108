#include "plugins/self_contrast/contrast.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace switchyard::plugins {

Contrast contrast(std::span<const float> strong, std::span<const float> weak, double alpha,
                  double beta, std::span<float> scores) {
  Contrast result;
  const float topStrong = *std::max_element(strong.begin(), strong.end());
  const float topWeak = *std::max_element(weak.begin(), weak.end());
  const auto cut = static_cast<float>(topStrong + std::log(alpha));
  const auto gain = static_cast<float>(1.0 + beta);
  const auto loss = static_cast<float>(beta);
  // Sums over p of the strong pass (s) and of the weak one (w), p unnormalised.
  double totalS = 0, totalW = 0, sOfS = 0, wOfS = 0, wOfW = 0;
  for (std::size_t i = 0; i < strong.size(); ++i) {
    const float s = strong[i] - topStrong;
    const float w = weak[i] - topWeak;
    const double ps = std::exp(s);
    const double pw = std::exp(w);
    totalS += ps;
    totalW += pw;
    sOfS += ps * static_cast<double>(s);
    wOfS += ps * static_cast<double>(w);
    wOfW += pw * static_cast<double>(w);
    const bool kept = strong[i] >= cut;
    result.candidates += kept ? 1 : 0;
    scores[i] = kept ? gain * strong[i] - loss * weak[i] : -std::numeric_limits<float>::infinity();
  }
  const double logS = std::log(totalS);
  const double logW = std::log(totalW);
  result.entropyStrong = std::max(0.0, logS - sOfS / totalS);
  result.entropyWeak = std::max(0.0, logW - wOfW / totalW);
  result.kl = std::max(0.0, (sOfS - wOfS) / totalS - logS + logW);
  result.logTotalStrong = logS + static_cast<double>(topStrong);
  result.logTotalWeak = logW + static_cast<double>(topWeak);
  return result;
}

std::vector<std::int32_t> largest(std::span<const float> logits, std::size_t count) {
  std::vector<std::int32_t> best;
  const auto before = [&](std::int32_t a, std::int32_t b) {
    const float x = logits[static_cast<std::size_t>(a)];
    const float y = logits[static_cast<std::size_t>(b)];
    return x > y || (x == y && a < b);
  };
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    if (best.size() == count && (count == 0 || !before(id, best.back())))
      continue;
    if (best.size() == count)
      best.pop_back();
    best.insert(std::upper_bound(best.begin(), best.end(), id, before), id);
  }
  return best;
}

} // namespace switchyard::plugins
