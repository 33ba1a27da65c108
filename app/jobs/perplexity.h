#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/jobs/text.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/hooks/observer.h"
#include "core/model/model.h"

namespace switchyard::jobs {

/// Next-token loss of one document. The first token of each window is not scored.
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

/// Runs every window on its own from an empty context, each with a clone of `policy` (null: the
/// model's own routing; every token counts as prompt). Errors: the model's and the policy's;
/// Cancelled.
base::Result<PerplexityResult> measurePerplexity(const std::shared_ptr<const model::Model>& model,
                                                 const base::ThreadContext& threads,
                                                 const std::vector<Prompt>& prompts,
                                                 const std::vector<Window>& windows,
                                                 const routing::Policy* policy,
                                                 const base::RunControl& control);

} // namespace switchyard::jobs
