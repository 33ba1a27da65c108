#include "app/jobs/perplexity.h"

#include <algorithm>
#include <cmath>

#include "core/session/session.h"

namespace switchyard::jobs {

base::Result<void> LossObserver::onLmLogits(const hooks::LmLogitsEvent& event) {
  const auto vocabulary = static_cast<std::size_t>(event.vocabulary);
  for (std::size_t row = 0; row < event.rows.size(); ++row) {
    const std::int64_t next = event.rows[row].position.value + 1;
    if (next >= m_firstScored && next < static_cast<std::int64_t>(m_tokens.size()))
      m_sum += negativeLogLikelihood(event.logits.subspan(row * vocabulary, vocabulary),
                                     m_tokens[static_cast<std::size_t>(next)]);
  }
  return {};
}

double negativeLogLikelihood(std::span<const float> logits, base::TokenId target) {
  const double top = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(logit - top);
  return top + std::log(sum) - logits[static_cast<std::size_t>(target.value)];
}

double perplexity(const DocumentLoss& loss) {
  return loss.scored > 0 ? std::exp(loss.sumNll / static_cast<double>(loss.scored)) : 1.0;
}

base::Result<PerplexityResult> measurePerplexity(const std::shared_ptr<const model::Model>& model,
                                                 const base::ThreadContext& threads,
                                                 const std::vector<Prompt>& prompts,
                                                 const std::vector<Window>& windows,
                                                 const routing::Policy* policy,
                                                 const base::RunControl& control) {
  std::int64_t total = 0;
  for (const Window& window : windows)
    total += static_cast<std::int64_t>(window.tokens.size());
  PerplexityResult result;
  result.total.id = "total";
  std::int64_t done = 0;
  std::size_t lastPrompt = prompts.size();
  for (const Window& window : windows) {
    const auto count = static_cast<std::int64_t>(window.tokens.size());
    if (window.prompt != lastPrompt) {
      result.documents.push_back({});
      result.documents.back().id = prompts[window.prompt].id;
      lastPrompt = window.prompt;
    }
    LossObserver observer(window.tokens);
    hooks::Observer* const observers[] = {&observer};
    session::Session session =
        SY_TRY(session::Session::create(model, threads, {.reserve = count, .chunk = 128}));
    if (policy)
      SY_TRY(session.setPolicy(policy->clone(), count));
    SY_TRY(session.extend(window.tokens, observers, {.progress = {}, .stop = control.stop}));
    for (DocumentLoss* loss : {&result.documents.back(), &result.total}) {
      loss->tokens += count;
      loss->scored += count - 1;
      loss->windows += 1;
      loss->sumNll += observer.sum();
    }
    done += count;
    control.report(done, total, "tokens");
  }
  return result;
}

} // namespace switchyard::jobs
