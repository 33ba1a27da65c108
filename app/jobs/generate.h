#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/progress.h"
#include "core/hooks/observer.h"
#include "core/session/sampler.h"
#include "core/session/session.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs {

struct GenerateOptions {
  std::int64_t maxTokens = 128;
  session::SamplerOptions sampler{};
  std::uint64_t stream = 0;       ///< which sequence of a run this is
  std::vector<std::string> stop{}; ///< texts that end the generation, themselves left out
  bool stopAtEos = true;          ///< the config's eos tokens end it
};

enum class StopReason { MaxTokens, Eos, StopText, ContextFull, Cancelled };
std::string_view name(StopReason reason);

struct GenerateResult {
  std::vector<base::TokenId> tokens; ///< an eos token included
  std::string text;                  ///< decoded, special tokens left out; before the stop text
  StopReason reason = StopReason::MaxTokens;
  double promptSeconds = 0;
  double decodeSeconds = 0;
};

/// Runs the prompt and draws tokens until a limit. Observers see the prompt's rows and those of
/// every generated token (the last one is run too, so nothing is missing from a trace).
/// onText gets decoded text as soon as it is complete UTF-8 and cannot be part of a stop text.
/// tokenizer may be null (no text then, and no stop texts). Cancelling is not an error: what was
/// made is returned with StopReason::Cancelled once the prompt has been run.
base::Result<GenerateResult> generate(session::Session& session,
                                      const tokenizer::Tokenizer* tokenizer,
                                      std::span<const base::TokenId> prompt,
                                      const GenerateOptions& options,
                                      std::span<hooks::Observer* const> observers,
                                      const std::function<void(std::string_view)>& onText,
                                      const base::RunControl& control);

} // namespace switchyard::jobs
