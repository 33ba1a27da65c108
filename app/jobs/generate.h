#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/jobs/decode_records.h"
#include "core/base/progress.h"
#include "core/hooks/observer.h"
#include "core/model/model.h"
#include "core/session/decode_host.h"
#include "core/session/decoder.h"
#include "core/session/sampler.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs {

struct GenerateOptions {
  std::int64_t maxTokens = 128;
  session::SamplerOptions sampler{};
  std::uint64_t stream = 0;        ///< which sequence of a run this is
  std::vector<std::string> stop{}; ///< texts that end the generation, themselves left out
  bool stopAtEos = true;           ///< the config's eos tokens end it
  /// Tokens that stand in place of the first draws: a text goes on as it was, then differently. The
  /// sampler draws all the same, so later draws are those of a text without them. Needs a decoder
  /// that samples.
  std::vector<base::TokenId> forced{};
};

/// Follows a generation on its thread, between the tokens.
class TokenWatcher {
public:
  virtual ~TokenWatcher() = default;
  /// `drawn` (or the forced token) was taken from these scores [vocabulary].
  virtual void onScores(std::span<const float> scores, base::TokenId drawn) = 0;
  /// A token was chosen and has not been run. May block, to pause or to pace. False ends the text
  /// with StopReason::Cancelled.
  virtual bool onToken(base::TokenId token, const DecodeRecord& record) = 0;
};

enum class StopReason {
  MaxTokens,
  Eos,
  StopText,
  ContextFull,
  Decoder, ///< it ended the text
  Cancelled
};
std::string_view name(StopReason reason);

/// What a text is generated with. Everything is borrowed.
struct GenerateWith {
  std::shared_ptr<const model::Model> model;
  const base::ThreadContext& threads;
  session::Decoder& decoder;                       ///< used for this text only
  const routing::Policy* policy = nullptr;         ///< the run's routing, begun; null: the model's
  session::CompileRecipe compile{};                ///< of the decoder's recipes; may be null
  const tokenizer::Tokenizer* tokenizer = nullptr; ///< null: no text, no stop texts
  std::span<hooks::Observer* const> observers{};
  TokenWatcher* watcher = nullptr; ///< may be null
  /// KV state that the caller keeps, under plain decoding; null: none. Before: of the first
  /// positions of `prompt` and GenerateOptions::forced, run with this model, routing, seed and
  /// prompt length; they are not run again, and observers and watcher hear only of what is. After:
  /// of the whole text; empty after an error.
  model::KvCache* state = nullptr;
  /// Gets, for each generated token, the next-token logits [vocabulary] of the text's own pass and
  /// of the decoder's other pass that it was chosen from; empty where there was no such pass. May
  /// be null. An error ends the generation.
  std::function<base::Result<void>(std::span<const float> text, std::span<const float> other)>
      distributions{};
  /// Whether the decoder's records are wanted, by the result, the watcher or a trace. Without them
  /// some decoders are faster and have no other pass to give; the tokens are the same.
  bool keepsRecords = true;
};

struct GenerateResult {
  std::vector<base::TokenId> tokens; ///< an eos token included
  std::vector<DecodeRecord> records; ///< of each token; empty ones under plain decoding
  std::string text;                  ///< decoded, special tokens left out; before the stop text
  StopReason reason = StopReason::MaxTokens;
  double promptSeconds = 0;
  double decodeSeconds = 0;
  double decodeCpuSeconds =
      0; ///< of it, on the calling thread's processor: other programs don't count
};

/// Runs the prompt and lets the decoder choose tokens until a limit; the sampler draws from its
/// scores. Observers see the prompt's rows and those of every generated token (the last one is run
/// too, so nothing is missing from a trace), as branch 0 of the decoder routed them.
/// onText gets decoded text as soon as it is complete UTF-8 and cannot be part of a stop text.
/// Cancelling is not an error: what was made is returned with StopReason::Cancelled once the prompt
/// has been run. Errors: the model's and the decoder's; InvalidArgument for sampler options or
/// forced tokens under a decoder that does not sample.
base::Result<GenerateResult> generate(const GenerateWith& with,
                                      std::span<const base::TokenId> prompt,
                                      const GenerateOptions& options,
                                      const std::function<void(std::string_view)>& onText,
                                      const base::RunControl& control);

} // namespace switchyard::jobs
