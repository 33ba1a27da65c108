#pragma once

#include <cstdint>
#include <string>

#include "core/trace/block.h"

namespace switchyard::analyzers {

/// The one rule for when numbers may become a verdict ("dead", "specialised", "unbalanced").
/// Numbers are always reported; sentences that judge need
///  - at least 1000 tokens, and
///  - at least 100 expected uses of every expert under balanced routing: tokens * k / E >= 100;
/// what is said of a label also needs 3 sequences with it, for tokens of one text are not
/// independent. Below that the result says "not enough data: N tokens, M needed".
struct SupportRule {
  std::int64_t minTokens = 1000;
  std::int64_t minExpectedUses = 100;
  std::int64_t minLabelSequences = 3;

  /// Tokens needed at this layer.
  std::int64_t needed(const trace::LayerInfo& layer) const;
  bool enough(std::int64_t tokens, const trace::LayerInfo& layer) const {
    return tokens >= needed(layer);
  }
  bool operator==(const SupportRule&) const = default;
};

/// "not enough data: 200 tokens, 1000 needed"
std::string notEnoughData(std::int64_t tokens, std::int64_t needed);

} // namespace switchyard::analyzers
