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

/// NaN for logits that are not finite. `buffer` is resized as needed. The thread that decodes waits
/// for this: a softmax is not made, its entropy is H = ln sum e^y - sum y e^y / sum e^y with y = z
/// - max z.
inline RouteMeasures measure(std::span<const float> logits, analyzers::Probabilities kind,
                             std::vector<float>& buffer) {
  RouteMeasures measures;
  if (logits.size() < 2)
    return measures;
  const float most = std::log(static_cast<float>(logits.size()));
  if (kind == analyzers::Probabilities::Softmax) {
    const tensor::SoftmaxFacts facts = tensor::softmaxFacts(logits);
    if (std::isfinite(facts.total) && std::isfinite(facts.weighted)) {
      const float entropy = std::log(facts.total) - facts.weighted / facts.total;
      measures.entropy = std::max(0.0f, entropy) / most;
      measures.margin = (1 - std::exp(facts.second - facts.largest)) / facts.total;
      return measures;
    }
  }
  // A logit of -inf (probability 0), NaN, or probabilities that do not sum to 1: the careful way.
  buffer.resize(logits.size());
  if (!analyzers::probabilitiesOf(logits, kind, buffer))
    return measures;
  float first = 0, second = 0;
  for (const float p : buffer) {
    if (p > first)
      second = std::exchange(first, p);
    else if (p > second)
      second = p;
  }
  measures.entropy = std::max(0.0f, analyzers::shannonEntropy(buffer, 0)) / most;
  measures.margin = first - second;
  return measures;
}

} // namespace switchyard::studio
