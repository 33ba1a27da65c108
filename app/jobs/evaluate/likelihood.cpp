#include "app/jobs/evaluate/likelihood.h"

#include <algorithm>

namespace switchyard::jobs::evaluate {

using base::ErrorCode;
using base::Result;

Result<ScoredText> scoredText(const Prompt& prompt, const std::string& continuation,
                              const tokenizer::Tokenizer* tokenizer, bool addTemplate) {
  ScoredText text;
  std::vector<base::TokenId> before = prompt.tokens;
  if (!prompt.hasTokens) {
    addTemplate = addTemplate && !prompt.isChat;
    text.tokens =
        SY_TRY(tokenizer->encode(prompt.text + continuation, {.addTemplate = addTemplate}));
    if (!continuation.empty())
      before = SY_TRY(tokenizer->encode(prompt.text, {.addTemplate = addTemplate}));
    const auto differs = std::ranges::mismatch(before, text.tokens).in1;
    text.scored = differs - before.begin();
  } else {
    text.tokens = before;
    if (!continuation.empty()) {
      text.scored = static_cast<std::int64_t>(before.size());
      for (const base::TokenId token : SY_TRY(tokenizer->encode(continuation)))
        text.tokens.push_back(token);
    }
  }
  text.scored = std::max<std::int64_t>(text.scored, 1);
  if (text.scored >= static_cast<std::int64_t>(text.tokens.size()))
    return base::fail(ErrorCode::InvalidFormat,
                      "the text to score has no token that follows another one",
                      {.file = prompt.source});
  return text;
}

std::size_t likeliest(std::span<const Likelihood> choices, bool perToken) {
  const auto loss = [&](const Likelihood& l) {
    return perToken ? l.sumNll / static_cast<double>(l.tokens) : l.sumNll;
  };
  return static_cast<std::size_t>(std::ranges::min_element(choices, {}, loss) - choices.begin());
}

} // namespace switchyard::jobs::evaluate
