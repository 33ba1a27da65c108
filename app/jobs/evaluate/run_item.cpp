#include <algorithm>
#include <chrono>

#include "app/jobs/evaluate/run.h"
#include "app/jobs/generate.h"
#include "app/jobs/perplexity.h"
#include "core/session/plain_decoder.h"

namespace switchyard::jobs::evaluate {

namespace {

using base::Result;

/// The answer without its thinking and without what a stop text cuts off.
std::string answerText(const Bench& bench, const GenerateResult& generated,
                       const ThinkingSplit& split) {
  if (split.answer.size() == generated.tokens.size())
    return generated.text;
  std::string text = bench.tokenizer->decode(split.answer, true);
  for (const std::string& stop : bench.settings.stop)
    if (!stop.empty())
      text.resize(std::min(text.find(stop), text.size()));
  return text;
}

Result<std::optional<Outcome>> answer(const Bench& bench, const Way& way, std::int64_t item,
                                      std::int64_t repeat, const base::ThreadContext& threads,
                                      const base::RunControl& control) {
  const auto index = static_cast<std::size_t>(item);
  const std::vector<base::TokenId>& prompt = bench.prompts[index].tokens;
  const Settings& settings = bench.settings;
  const auto decoder = SY_TRY(way.decoder->make());
  const GenerateOptions options{.maxTokens = settings.maxTokens,
                                .sampler = settings.sampler,
                                .stream = (static_cast<std::uint64_t>(repeat) << 32) +
                                          static_cast<std::uint64_t>(item),
                                .stop = settings.stop};
  const GenerateResult generated =
      SY_TRY(generate({.model = bench.model,
                       .threads = threads,
                       .decoder = *decoder,
                       .policy = way.policy.get(),
                       .compile = way.compile,
                       .tokenizer = bench.tokenizer ? &*bench.tokenizer : nullptr,
                       .keepsRecords = false},
                      prompt, options, {}, control));
  if (generated.reason == StopReason::Cancelled)
    return std::optional<Outcome>();
  const ThinkingSplit split = splitThinking(prompt, generated.tokens, bench.markers);
  const Task& task = bench.tasks[index];
  Outcome outcome;
  outcome.score = SY_TRY(isRight(task.scorer, answerText(bench, generated, split), task.answers));
  outcome.promptTokens = static_cast<std::int64_t>(prompt.size());
  outcome.tokens = static_cast<std::int64_t>(generated.tokens.size());
  if (bench.markers)
    outcome.thinking = split.thinking;
  outcome.stop = name(generated.reason);
  outcome.text = generated.text;
  outcome.seconds = generated.decodeSeconds;
  return std::optional(std::move(outcome));
}

Result<std::optional<Outcome>> rate(const Bench& bench, const Way& way, std::size_t index,
                                    const base::ThreadContext& threads,
                                    const base::RunControl& control) {
  const auto start = std::chrono::steady_clock::now();
  const Task& task = bench.tasks[index];
  std::vector<Likelihood> rated;
  Outcome outcome;
  for (const ScoredText& text : bench.texts[index]) {
    const double nats = SY_TRY(sumNll(bench.model, threads, text.tokens,
                                      {.policy = way.policy.get(),
                                       .first = text.scored,
                                       .promptLength = text.scored,
                                       .decoder = way.decoder.get(),
                                       .compile = way.compile,
                                       .seed = bench.settings.sampler.seed},
                                      control));
    rated.push_back({nats, static_cast<std::int64_t>(text.tokens.size()) - text.scored});
    outcome.promptTokens = text.scored;
    outcome.tokens += rated.back().tokens;
  }
  if (task.scorer.kind == ScorerKind::MultipleChoice) {
    const std::size_t bySum = likeliest(rated, false);
    const std::size_t byLength = likeliest(rated, true);
    const bool normalised = task.scorer.lengthNormalised;
    outcome.lengthScore = byLength == task.rightChoice ? 1.0 : 0.0;
    outcome.score = (normalised ? byLength : bySum) == task.rightChoice ? 1.0 : 0.0;
    outcome.text = task.choices[normalised ? byLength : bySum];
  } else {
    outcome.score = rated.front().sumNll / static_cast<double>(rated.front().tokens);
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::optional(std::move(outcome));
}

} // namespace

Result<std::optional<Outcome>> runItem(const Bench& bench, const Way& way, std::int64_t item,
                                       std::int64_t repeat, const base::ThreadContext& threads,
                                       const base::RunControl& control) {
  const auto index = static_cast<std::size_t>(item);
  auto outcome = generates(bench.tasks[index].scorer.kind)
                     ? answer(bench, way, item, repeat, threads, control)
                     : rate(bench, way, index, threads, control);
  if (!outcome && outcome.error().code == base::ErrorCode::Cancelled)
    return std::optional<Outcome>();
  return outcome;
}

} // namespace switchyard::jobs::evaluate
