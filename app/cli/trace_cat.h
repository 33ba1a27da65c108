#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace switchyard::cli {

struct CatOptions {
  std::optional<std::int64_t> sequence;
  std::vector<int> layers;    ///< positions in the stack; empty: all MoE layers
  std::string tokens;         ///< "FIRST:END", either may be missing; empty: all
  std::int64_t limit = 0;     ///< lines; 0: no limit
  bool figures = false;       ///< what the decoder recorded, instead of routing
  bool distributions = false; ///< the likeliest tokens of what each token was chosen from, instead
  int top = 5;                ///< with distributions
  bool json = false;          ///< one JSON object a line
};

/// Prints routing to standard output, one line per token and layer: sequence, position, token id,
/// layer, experts in rank order with their gate weights. With `figures` a line per generated token:
/// sequence, position, token id, and each figure that was recorded of its choice.
/// With `distributions` a line per generated token and pass: sequence, position, token id, "text"
/// (its own pass) or "other" (the decoder's other pass), and the likeliest tokens with
/// log-probabilities. Errors: those of reading; InvalidArgument for a layer, sequence or range that
/// is not there, and for figures or distributions of a trace without them.
base::Result<void> catTrace(const std::string& path, const CatOptions& options,
                            std::stop_token stop);

} // namespace switchyard::cli
