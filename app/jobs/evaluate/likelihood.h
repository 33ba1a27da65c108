#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/jobs/evaluate/task_file.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs::evaluate {

/// A text split for scoring: the tokens from `scored` on are rated given those before.
struct ScoredText {
  std::vector<base::TokenId> tokens;
  std::int64_t scored = 0;
};

/// Prompt and continuation, tokenized together; where that makes other tokens of the prompt's end,
/// the first token that differs is the first scored one. At least one token stays before.
/// tokenizer may be null if prompt.hasTokens and continuation is empty: everything is scored then.
/// Errors: the tokenizer's; InvalidFormat for a text of which nothing can be scored.
base::Result<ScoredText> scoredText(const Prompt& prompt, const std::string& continuation,
                                    const tokenizer::Tokenizer* tokenizer, bool addTemplate);

/// Of one text.
struct Likelihood {
  double sumNll = 0;       ///< nats
  std::int64_t tokens = 0; ///< scored
};

/// The index of the greatest log-likelihood, by sum or divided by tokens; ties: the first.
std::size_t likeliest(std::span<const Likelihood> choices, bool perToken);

} // namespace switchyard::jobs::evaluate
