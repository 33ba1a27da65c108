#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/jobs/decoders.h"
#include "app/jobs/text.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/model/model.h"

namespace switchyard::jobs {

/// Next-token loss of one document. The first tokens of each window are not scored.
struct DocumentLoss {
  std::string id;
  std::int64_t tokens = 0;
  std::int64_t scored = 0;
  int windows = 0;
  double sumNll = 0; ///< nats
};

struct PerplexityResult {
  std::vector<DocumentLoss> documents;
  DocumentLoss total; ///< id "total"
};

/// Mean of sumNll over scored tokens, exponentiated; NaN-free: infinity only if a loss is.
double perplexity(const DocumentLoss& loss);

/// -log softmax(logits)[target] in nats, computed in double from float32 logits.
double negativeLogLikelihood(std::span<const float> logits, base::TokenId target);

/// How tokens are scored.
struct ScoreOptions {
  /// Not begun; cloned. Null: the model's own routing.
  const routing::Policy* policy = nullptr;
  std::int64_t first = 1; ///< the first scored token, at least 1
  /// Without a decoder: tokens from here on count as generated for the policy.
  std::int64_t promptLength = 1;
  /// Scores with this decoder: tokens before `first` are its prompt, the rest is what it "chooses",
  /// one token at a time, and the loss is that of its scores (infinite where it rules a token out).
  /// Null or plain: the model's own distribution, in one pass.
  const DecoderChoice* decoder = nullptr;
  session::CompileRecipe compile{}; ///< of the decoder's recipes
  std::uint64_t seed = 0;           ///< of random routing
};

/// Summed loss (nats) of tokens[first..] from an empty context. Errors: the model's, the policy's
/// and the decoder's; Unsupported for a decoder that does not sample; Cancelled.
base::Result<double> sumNll(const std::shared_ptr<const model::Model>& model,
                            const base::ThreadContext& threads,
                            std::span<const base::TokenId> tokens, const ScoreOptions& options,
                            const base::RunControl& control);

struct PerplexityOptions {
  /// Not begun; cloned for each window. Null: the model's own routing.
  const routing::Policy* policy = nullptr;
  /// Tokens of each window that are context and not scored, at least 1; of a shorter window all but
  /// the last one.
  std::int64_t prefix = 1;
  const DecoderChoice* decoder = nullptr; ///< see ScoreOptions
  session::CompileRecipe compile{};       ///< of the decoder's recipes
};

/// Runs every window on its own from an empty context. Without a decoder all tokens count as prompt
/// for the policy. Errors: the model's, the policy's and the decoder's; Unsupported for a decoder
/// that does not sample; Cancelled.
base::Result<PerplexityResult> measurePerplexity(const std::shared_ptr<const model::Model>& model,
                                                 const base::ThreadContext& threads,
                                                 const std::vector<Prompt>& prompts,
                                                 const std::vector<Window>& windows,
                                                 const PerplexityOptions& options,
                                                 const base::RunControl& control);

} // namespace switchyard::jobs
