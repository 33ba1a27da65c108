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
#include "core/hooks/observer.h"
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

/// Adds up the loss of a sequence's tokens from `firstScored` on. The tokens must outlive it.
class LossObserver : public hooks::Observer {
public:
  explicit LossObserver(std::span<const base::TokenId> tokens, std::int64_t firstScored = 1)
      : m_tokens(tokens), m_firstScored(firstScored) {}

  hooks::PointSet wants() const override {
    return static_cast<hooks::PointSet>(hooks::Point::LmLogits);
  }
  base::Result<void> onLmLogits(const hooks::LmLogitsEvent& event) override;

  double sum() const { return m_sum; } ///< nats

private:
  std::span<const base::TokenId> m_tokens;
  std::int64_t m_firstScored;
  double m_sum = 0;
};

struct PerplexityOptions {
  /// Not begun; cloned for each window. Null: the model's own routing.
  const routing::Policy* policy = nullptr;
  /// Tokens of each window that are context and not scored, at least 1; of a shorter window all but
  /// the last one.
  std::int64_t prefix = 1;
  /// Scores with this decoder: the prefix is its prompt, the rest is what it "chooses", one token at
  /// a time, and the loss is that of its scores (infinite where it rules a token out). Null or
  /// plain: the model's own distribution, in one pass.
  const DecoderChoice* decoder = nullptr;
  session::CompileRecipe compile{}; ///< of the decoder's recipes
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
