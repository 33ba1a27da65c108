#include "app/jobs/perplexity.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/hooks/observer.h"
#include "core/session/decode_host.h"
#include "core/session/session.h"

namespace switchyard::jobs {

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

namespace {

/// Adds up the loss of a sequence's tokens from `first` on.
class LossObserver : public hooks::Observer {
public:
  LossObserver(std::span<const base::TokenId> tokens, std::int64_t first)
      : m_tokens(tokens), m_first(first) {}

  hooks::PointSet wants() const override {
    return static_cast<hooks::PointSet>(hooks::Point::LmLogits);
  }

  base::Result<void> onLmLogits(const hooks::LmLogitsEvent& event) override {
    const auto vocabulary = static_cast<std::size_t>(event.vocabulary);
    for (std::size_t row = 0; row < event.rows.size(); ++row) {
      const std::int64_t next = event.rows[row].position.value + 1;
      if (next >= m_first && next < static_cast<std::int64_t>(m_tokens.size()))
        sum += negativeLogLikelihood(event.logits.subspan(row * vocabulary, vocabulary),
                                     m_tokens[static_cast<std::size_t>(next)]);
    }
    return {};
  }

  double sum = 0; ///< nats

private:
  std::span<const base::TokenId> m_tokens;
  std::int64_t m_first;
};

base::Result<double> scoreInOnePass(const std::shared_ptr<const model::Model>& model,
                                    const base::ThreadContext& threads,
                                    std::span<const base::TokenId> tokens,
                                    const ScoreOptions& options, const base::RunControl& control) {
  LossObserver observer(tokens, options.first);
  hooks::Observer* const observers[] = {&observer};
  session::Session session = SY_TRY(session::Session::create(
      model, threads, {.reserve = static_cast<std::int64_t>(tokens.size()), .chunk = 128}));
  if (options.policy)
    SY_TRY(session.setPolicy(options.policy->clone(), options.promptLength, options.seed));
  SY_TRY(session.extend(tokens, observers, {.progress = {}, .stop = control.stop}));
  return observer.sum;
}

/// The same with a decoder, which never sees a token before it is scored.
base::Result<double> scoreWithDecoder(const std::shared_ptr<const model::Model>& model,
                                      const base::ThreadContext& threads,
                                      std::span<const base::TokenId> tokens,
                                      const ScoreOptions& options,
                                      const base::RunControl& control) {
  const auto first = static_cast<std::size_t>(options.first);
  double sum = 0;
  const auto choose = [&](std::span<const float> scores,
                          std::span<const base::TokenId> text) -> base::Result<base::TokenId> {
    const base::TokenId next = tokens[text.size()];
    sum += negativeLogLikelihood(scores, next);
    return next;
  };
  const auto policy = options.policy ? options.policy->clone() : nullptr;
  if (policy)
    SY_TRY(policy->begin(model->layerFacts()));
  const auto host =
      SY_TRY(session::ModelDecodeHost::create(model, threads,
                                              {.choose = choose,
                                               .compile = options.compile,
                                               .policy = policy.get(),
                                               .seed = options.seed,
                                               .reserve = static_cast<std::int64_t>(tokens.size()),
                                               .keepsRecords = false}));
  SY_TRY(host->start(tokens.first(first), {.progress = {}, .stop = control.stop}));
  const auto decoder = SY_TRY(options.decoder->make());
  SY_TRY(decoder->figures(model->layerFacts()));
  SY_TRY(decoder->begin(*host, tokens.first(first)));
  for (std::size_t at = first; at < tokens.size(); ++at) {
    SY_TRY(control.check());
    const std::int64_t drawn = host->samples();
    const session::DecodedToken token = SY_TRY(decoder->next(*host, tokens[at - 1]));
    if (host->samples() != drawn + 1 || token.stop || token.token != tokens[at])
      return base::fail(base::ErrorCode::Unsupported,
                        fmt::format("decoder {} does not draw each token once from its scores, so "
                                    "a text cannot be scored with it",
                                    decoder->id()));
    host->emit(tokens[at]);
  }
  return sum;
}

} // namespace

base::Result<double> sumNll(const std::shared_ptr<const model::Model>& model,
                            const base::ThreadContext& threads,
                            std::span<const base::TokenId> tokens, const ScoreOptions& options,
                            const base::RunControl& control) {
  const bool decodes = options.decoder != nullptr && !options.decoder->isPlain();
  return (decodes ? scoreWithDecoder : scoreInOnePass)(model, threads, tokens, options, control);
}

base::Result<PerplexityResult> measurePerplexity(const std::shared_ptr<const model::Model>& model,
                                                 const base::ThreadContext& threads,
                                                 const std::vector<Prompt>& prompts,
                                                 const std::vector<Window>& windows,
                                                 const PerplexityOptions& options,
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
    const std::int64_t first =
        std::clamp<std::int64_t>(options.prefix, 1, std::max<std::int64_t>(1, count - 1));
    const double sum = SY_TRY(sumNll(model, threads, window.tokens,
                                     {.policy = options.policy,
                                      .first = first,
                                      .promptLength = count,
                                      .decoder = options.decoder,
                                      .compile = options.compile},
                                     control));
    for (DocumentLoss* loss : {&result.documents.back(), &result.total}) {
      loss->tokens += count;
      loss->scored += count - first;
      loss->windows += 1;
      loss->sumNll += sum;
    }
    done += count;
    control.report(done, total, "tokens");
  }
  return result;
}

} // namespace switchyard::jobs
