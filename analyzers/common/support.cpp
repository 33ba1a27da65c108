#include "analyzers/common/support.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::analyzers {

std::int64_t SupportRule::needed(const trace::LayerInfo& layer) const {
  const std::int64_t k = std::max(layer.k, 1);
  return std::max(minTokens, (minExpectedUses * layer.experts + k - 1) / k);
}

std::string notEnoughData(std::int64_t tokens, std::int64_t needed) {
  return fmt::format("not enough data: {} tokens, {} needed", tokens, needed);
}

} // namespace switchyard::analyzers
