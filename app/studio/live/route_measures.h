#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "analyzers/common/softmax.h"

namespace switchyard::studio {

/// What router logits say of one token at one layer.
struct RouteMeasures {
  float entropy = std::numeric_limits<float>::quiet_NaN(); ///< over ln E: 0..1
  float margin = std::numeric_limits<float>::quiet_NaN();  ///< first minus second probability
};

/// NaN for logits that are not finite. `buffer` is resized as needed.
inline RouteMeasures measure(std::span<const float> logits, analyzers::Probabilities kind,
                             std::vector<float>& buffer) {
  buffer.resize(logits.size());
  RouteMeasures measures;
  if (logits.size() < 2 || !analyzers::probabilitiesOf(logits, kind, buffer))
    return measures;
  float first = 0, second = 0;
  for (const float p : buffer) {
    if (p > first)
      second = std::exchange(first, p);
    else if (p > second)
      second = p;
  }
  measures.entropy =
      analyzers::shannonEntropy(buffer, 0) / std::log(static_cast<float>(logits.size()));
  measures.margin = first - second;
  return measures;
}

} // namespace switchyard::studio
