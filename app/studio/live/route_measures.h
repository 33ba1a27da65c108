#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "analyzers/common/softmax.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::studio {

/// What router logits say of one token at one layer.
struct RouteMeasures {
  float entropy = std::numeric_limits<float>::quiet_NaN(); ///< over ln E: 0..1
  float margin = std::numeric_limits<float>::quiet_NaN();  ///< first minus second probability
};

/// NaN for logits that are not finite. `buffer` is resized as needed. The thread that decodes waits for
/// this: a softmax goes by the model's fast one, and its entropy needs one logarithm,
/// H = max z - sum p z - ln max p.
inline RouteMeasures measure(std::span<const float> logits, analyzers::Probabilities kind,
                             std::vector<float>& buffer) {
  RouteMeasures measures;
  if (logits.size() < 2)
    return measures;
  float lowest = logits[0], highest = logits[0], sum = 0;
  for (const float z : logits) {
    lowest = std::min(lowest, z);
    highest = std::max(highest, z);
    sum += z;
  }
  // A logit of -inf (probability 0), NaN, or values whose sum overflows: the careful way.
  const bool plain = kind == analyzers::Probabilities::Softmax && std::isfinite(sum) &&
                     std::isfinite(lowest) && std::isfinite(highest);
  buffer.assign(logits.begin(), logits.end());
  if (plain)
    tensor::softmaxInPlace(buffer);
  else if (!analyzers::probabilitiesOf(logits, kind, buffer))
    return measures;
  float first = 0, second = 0;
  for (const float p : buffer) {
    if (p > first)
      second = std::exchange(first, p);
    else if (p > second)
      second = p;
  }
  const float entropy = plain ? highest - tensor::dot(buffer, logits) - std::log(first)
                              : analyzers::shannonEntropy(buffer, 0);
  measures.entropy = std::max(0.0f, entropy) / std::log(static_cast<float>(logits.size()));
  measures.margin = first - second;
  return measures;
}

} // namespace switchyard::studio
