#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::tensor {

// Row operations on float32. Reductions use 16 partial sums (element i goes to sum i % 16) added as
// a fixed tree, so results do not depend on the instruction set. Spans of one call have equal
// lengths unless said; in-place use (out == an input) is allowed where noted. Reentrant.

float dot(std::span<const float> a, std::span<const float> b);
float sumOfSquares(std::span<const float> x);
float l2Norm(std::span<const float> x);

/// out = x / sqrt(mean(x^2) + eps) * weight. In place allowed.
void rmsNorm(std::span<const float> x, std::span<const float> weight, float eps,
             std::span<float> out);
/// out = (x - mean) / sqrt(variance + eps) * weight + bias (population variance). In place allowed.
void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias,
               float eps, std::span<float> out);

void addInPlace(std::span<float> y, std::span<const float> x);             ///< y += x
void addScaled(std::span<float> y, std::span<const float> x, float scale); ///< y = fma(x, scale, y)
void scaleInPlace(std::span<float> y, float scale);                        ///< y *= scale
void clampInPlace(std::span<float> y, float limit);                        ///< to [-limit, limit]

/// x = softmax(x), max subtracted. All -inf gives all zeros. -inf entries give 0.
void softmaxInPlace(std::span<float> x);

/// The largest of x[i], x[i + 16], x[i + 32], ... for i = 0..15; NaNs are passed over, -inf if
/// there is nothing else.
std::array<float, 16> largestOfLanes(std::span<const float> x);
/// The i with x[i] >= least (above -inf, not NaN), rising; they lie in `buffer`, which grows to the
/// size of x.
std::span<const std::int32_t> placesAtLeast(std::span<const float> x, float least,
                                            std::vector<std::int32_t>& buffer);
/// The sum of e^(x - largest), with the bits of what softmaxInPlace divides by. largest: of x,
/// finite.
float sumOfExp(std::span<const float> x, float largest);
/// x = e^(x - shift).
void expInPlace(std::span<float> x, float shift);

/// What is needed of a softmax without its values.
struct SoftmaxFacts {
  float largest = 0;  ///< of x
  float second = 0;   ///< the next one, equal if there are two; -inf if there is one x
  float total = 0;    ///< sum of e^(x - largest)
  float weighted = 0; ///< sum of (x - largest) e^(x - largest), within 1e-36 for each x
};
/// x: not empty. The sums are not finite unless all x are.
SoftmaxFacts softmaxFacts(std::span<const float> x);

/// out = silu(gate) * up. In place allowed.
void siluMul(std::span<const float> gate, std::span<const float> up, std::span<float> out);
/// out = (min(|up|) clamp + 1) * g * sigmoid(alpha * g) with g = min(gate, limit) and up clamped to
/// [-limit, limit] (gpt-oss). In place allowed.
void clampedGluMul(std::span<const float> gate, std::span<const float> up, float alpha, float limit,
                   std::span<float> out);
float sigmoid(float x);

/// Attention of query heads that share their keys and values: for each head
/// out = sum of softmax(q.k_j * scale) v_j. q: [heads, d]; keys: [count] rows of stride keyStride
/// and width d; values: stride valueStride and the width of out, which is [heads, width]. sinks:
/// [heads] extra logits in the softmaxes' denominators (gpt-oss), or null. scores: scratch [heads,
/// count]. Fixed order: the bits of a head depend neither on the others nor on the instruction set.
void attendHeads(int heads, std::span<const float> q, const float* keys, long keyStride,
                 const float* values, long valueStride, long count, float scale, const float* sinks,
                 std::span<float> scores, std::span<float> out);

} // namespace switchyard::tensor
