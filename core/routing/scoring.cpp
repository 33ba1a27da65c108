#include "core/routing/scoring.h"

#include <algorithm>
#include <cmath>

namespace switchyard::routing {

float sigmoid(float x) {
  return 1.0f / (1.0f + std::exp(-x));
}

void softmax(std::span<const float> in, std::span<float> out) {
  const float top = *std::ranges::max_element(in);
  float sum = 0.0f;
  for (std::size_t e = 0; e < in.size(); ++e) {
    out[e] = std::exp(in[e] - top);
    sum += out[e];
  }
  for (float& value : out)
    value /= sum;
}

void rank(std::span<const float> scores, std::span<std::int32_t> order, std::size_t count) {
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<std::int32_t>(i);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [scores](std::int32_t a, std::int32_t b) {
                      const float left = scores[static_cast<std::size_t>(a)];
                      const float right = scores[static_cast<std::size_t>(b)];
                      return left != right ? left > right : a < b;
                    });
}

} // namespace switchyard::routing
