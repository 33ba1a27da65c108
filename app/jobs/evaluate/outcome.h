#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace switchyard::jobs::evaluate {

/// One item, run once by one variant.
struct OutcomeKey {
  std::int64_t variant = 0; ///< in the store
  std::int64_t item = 0;    ///< row of the task file that counts, from 0
  std::int64_t repeat = 0;
  auto operator<=>(const OutcomeKey&) const = default;
};

struct Outcome {
  double score = 0;                  ///< 1 or 0, or nats per token
  std::optional<double> lengthScore; ///< multiple-choice: 1 or 0 by length-normalised likelihood
  std::int64_t promptTokens = 0;
  std::int64_t tokens = 0;              ///< generated, or scored
  std::optional<std::int64_t> thinking; ///< generated inside <think>; nothing without such tokens
  std::string stop;                     ///< why generating ended; empty if nothing was generated
  std::string text;                     ///< generated, special tokens left out; or the choice taken
  double seconds = 0;                   ///< of decoding, or of scoring; never compared
};

using Outcomes = std::map<OutcomeKey, Outcome>;

} // namespace switchyard::jobs::evaluate
