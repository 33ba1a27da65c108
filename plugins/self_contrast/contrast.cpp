#include "plugins/self_contrast/contrast.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include "analyzers/common/exp.h"

namespace switchyard::plugins {

namespace {

/// Tokens that are worked on together: loops over them have no branches, so that compilers turn
/// them into vector instructions.
constexpr std::size_t kChunk = 16;
/// Sums run in this many chains on every machine.
constexpr std::size_t kChains = kChunk / 2;
using Chunk = std::array<float, kChunk>;
using Sums = std::array<double, kChains>;

[[gnu::always_inline]] inline void addTo(Sums& sums, const Chunk& values) {
  for (std::size_t i = 0; i < kChains; ++i)
    sums[i] += static_cast<double>(values[i] + values[i + kChains]);
}

/// The least strong logit that is plausible.
float cutOf(double alpha, float topStrong) {
  return static_cast<float>(topStrong + std::log(alpha));
}

/// What the passes' logits count for.
struct Weights {
  explicit Weights(double beta)
      : gain(static_cast<float>(1.0 + beta)), loss(static_cast<float>(beta)) {}
  float gain, loss;
};

/// What is the same for all tokens.
struct Rule {
  float cut;
  Weights weights;
  float topStrong, topWeak;
};

[[gnu::always_inline]] inline float scoreOf(const Weights& weights, float strong, float weak) {
  return weights.gain * strong - weights.loss * weak;
}

/// Sums over a vocabulary; p and q are the passes' probabilities, not normalised.
struct Totals {
  Sums p{}, q{};
  Sums sOfP{}, wOfP{}, wOfQ{}; ///< of the logits below the largest, weighted
  int candidates = 0;

  /// kChunk tokens: their scores, and the sums.
  [[gnu::always_inline]] void add(const Rule& rule, const float* strong, const float* weak,
                                  float* scores) {
    constexpr auto kNever = std::bit_cast<std::uint32_t>(-std::numeric_limits<float>::infinity());
    Chunk s, w, ps, qs;
    std::int32_t kept = 0;
    for (std::size_t i = 0; i < kChunk; ++i) {
      const std::int32_t keep = -static_cast<std::int32_t>(strong[i] >= rule.cut);
      kept -= keep;
      const auto score = std::bit_cast<std::uint32_t>(scoreOf(rule.weights, strong[i], weak[i]));
      const auto mask = static_cast<std::uint32_t>(keep);
      scores[i] = std::bit_cast<float>((score & mask) | (kNever & ~mask));
      s[i] = strong[i] - rule.topStrong;
      w[i] = weak[i] - rule.topWeak;
    }
    candidates += kept;
    for (std::size_t i = 0; i < kChunk; ++i) {
      ps[i] = analyzers::expNegative(s[i]);
      qs[i] = analyzers::expNegative(w[i]);
    }
    addTo(p, ps);
    addTo(q, qs);
    for (std::size_t i = 0; i < kChunk; ++i) {
      qs[i] *= w[i];
      w[i] *= ps[i];
      ps[i] *= s[i];
    }
    addTo(sOfP, ps);
    addTo(wOfP, w);
    addTo(wOfQ, qs);
  }
};

/// All whole chunks.
[[gnu::always_inline]] inline void addWhole(const Rule& rule, std::span<const float> strong,
                                            std::span<const float> weak, std::span<float> scores,
                                            Totals& totals) {
  for (std::size_t first = 0; first + kChunk <= strong.size(); first += kChunk)
    totals.add(rule, strong.data() + first, weak.data() + first, scores.data() + first);
}

#if defined(__x86_64__)
/// The same operations in the same order, so the same bits, in half the instructions.
__attribute__((target("avx2"))) void addWholeAvx2(const Rule& rule, std::span<const float> strong,
                                                  std::span<const float> weak,
                                                  std::span<float> scores, Totals& totals) {
  addWhole(rule, strong, weak, scores, totals);
}
const bool kAvx2 = __builtin_cpu_supports("avx2") != 0;
#endif

void addChunks(const Rule& rule, std::span<const float> strong, std::span<const float> weak,
               std::span<float> scores, Totals& totals) {
#if defined(__x86_64__)
  if (kAvx2)
    return addWholeAvx2(rule, strong, weak, scores, totals);
#endif
  addWhole(rule, strong, weak, scores, totals);
}

double totalOf(const Sums& sums) {
  double total = 0;
  for (const double sum : sums)
    total += sum;
  return total;
}

} // namespace

Contrast contrast(std::span<const float> strong, std::span<const float> weak, double alpha,
                  double beta, float topStrong, float topWeak, std::span<float> scores) {
  const Rule rule{cutOf(alpha, topStrong), Weights(beta), topStrong, topWeak};
  Totals totals;
  addChunks(rule, strong, weak, scores, totals);
  const std::size_t whole = strong.size() / kChunk * kChunk;
  if (const std::size_t rest = strong.size() - whole; rest > 0) {
    constexpr float kNothing = -1e30f; // weighs nothing, and is below any cut but that of alpha = 0
    Chunk s, w, out;
    s.fill(kNothing);
    w.fill(kNothing);
    std::copy_n(strong.begin() + static_cast<std::ptrdiff_t>(whole), rest, s.begin());
    std::copy_n(weak.begin() + static_cast<std::ptrdiff_t>(whole), rest, w.begin());
    totals.add(rule, s.data(), w.data(), out.data());
    std::copy_n(out.begin(), rest, scores.begin() + static_cast<std::ptrdiff_t>(whole));
    if (kNothing >= rule.cut)
      totals.candidates -= static_cast<int>(kChunk - rest);
  }
  const double p = totalOf(totals.p);
  const double logP = std::log(p);
  const double logQ = std::log(totalOf(totals.q));
  const double sOfP = totalOf(totals.sOfP) / p;
  const double wOfP = totalOf(totals.wOfP) / p;
  Contrast result;
  result.candidates = totals.candidates;
  result.entropyStrong = std::max(0.0, logP - sOfP);
  result.entropyWeak = std::max(0.0, logQ - totalOf(totals.wOfQ) / totalOf(totals.q));
  result.kl = std::max(0.0, sOfP - wOfP - logP + logQ);
  result.logTotalStrong = logP + static_cast<double>(topStrong);
  result.logTotalWeak = logQ + static_cast<double>(topWeak);
  return result;
}

namespace {

/// Tokens that are looked through together for a better one.
constexpr std::size_t kLook = 64;

[[gnu::always_inline]] inline bool anyAbove(const float* logits, float least) {
  std::int32_t above = 0;
  for (std::size_t i = 0; i < kLook; ++i)
    above |= -static_cast<std::int32_t>(logits[i] > least);
  return above != 0;
}

/// The first place from `first` on where one of kLook logits is above `least`, in steps of kLook;
/// or where fewer are left.
[[gnu::always_inline]] inline std::size_t skip(std::span<const float> logits, std::size_t first,
                                               float least) {
  while (first + kLook <= logits.size() && !anyAbove(logits.data() + first, least))
    first += kLook;
  return first;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) std::size_t skipAvx2(std::span<const float> logits,
                                                     std::size_t first, float least) {
  return skip(logits, first, least);
}
#endif

std::size_t skipLower(std::span<const float> logits, std::size_t first, float least) {
#if defined(__x86_64__)
  if (kAvx2)
    return skipAvx2(logits, first, least);
#endif
  return skip(logits, first, least);
}

} // namespace

void plausible(std::span<const float> strong, double alpha, float topStrong,
               std::vector<std::int32_t>& ids) {
  ids.clear();
  const float cut = cutOf(alpha, topStrong);
  const float below = std::nextafter(cut, -std::numeric_limits<float>::infinity());
  for (std::size_t at = 0; at < strong.size();) {
    at = skipLower(strong, at, below);
    const std::size_t end = std::min(at + kLook, strong.size());
    for (; at < end; ++at)
      if (strong[at] >= cut)
        ids.push_back(static_cast<std::int32_t>(at));
  }
}

void contrastPlausible(std::span<const float> strong, std::span<const std::int32_t> ids,
                       std::span<const float> weak, double beta, std::span<float> scores) {
  std::ranges::fill(scores, -std::numeric_limits<float>::infinity());
  const Weights weights(beta);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto id = static_cast<std::size_t>(ids[i]);
    scores[id] = scoreOf(weights, strong[id], weak[i]);
  }
}

void largest(std::span<const float> logits, std::size_t count, std::vector<std::int32_t>& best) {
  best.clear();
  const auto before = [&](std::int32_t a, std::int32_t b) {
    const float x = logits[static_cast<std::size_t>(a)];
    const float y = logits[static_cast<std::size_t>(b)];
    return x > y || (x == y && a < b);
  };
  for (std::size_t first = 0; count > 0 && first < logits.size();) {
    if (best.size() == count) // most have nothing better
      first = skipLower(logits, first, logits[static_cast<std::size_t>(best.back())]);
    const std::size_t end = std::min(first + kLook, logits.size());
    for (; first < end; ++first) {
      const auto id = static_cast<std::int32_t>(first);
      if (best.size() == count && !before(id, best.back()))
        continue;
      if (best.size() == count)
        best.pop_back();
      best.insert(std::upper_bound(best.begin(), best.end(), id, before), id);
    }
  }
}

} // namespace switchyard::plugins
