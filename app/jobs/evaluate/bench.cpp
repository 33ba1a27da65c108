#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/evaluate/run.h"

namespace switchyard::jobs::evaluate {

namespace {

using base::ErrorCode;
using base::Result;

/// The texts that a task rates: each choice, or the one text of Perplexity.
Result<std::vector<ScoredText>> ratedTexts(const Task& task, const tokenizer::Tokenizer* tokenizer,
                                           bool addTemplate) {
  std::vector<std::string> continuations = task.choices;
  if (task.scorer.kind == ScorerKind::Perplexity)
    continuations = {task.answers.empty() ? std::string() : task.answers.front()};
  std::vector<ScoredText> texts;
  for (const std::string& continuation : continuations)
    texts.push_back(SY_TRY(scoredText(task.prompt, continuation, tokenizer, addTemplate)));
  return texts;
}

Result<void> checkLength(const Task& task, const ScoredText& text, std::int64_t room,
                         std::int64_t positions) {
  const auto length = static_cast<std::int64_t>(text.tokens.size());
  if (length + room > positions)
    return base::fail(
        ErrorCode::LimitExceeded,
        fmt::format("the item has {} tokens, and the model has {} positions; shorten it "
                    "or leave it out (perplexity cuts long texts into windows)",
                    length, positions),
        {.file = task.prompt.source});
  return {};
}

} // namespace

std::string toJson(const Settings& settings) {
  const session::SamplerOptions& s = settings.sampler;
  return nlohmann::json{{"max-tokens", settings.maxTokens},
                        {"stop", settings.stop},
                        {"template", settings.addTemplate},
                        {"temperature", s.temperature},
                        {"top-k", s.topK},
                        {"top-p", s.topP},
                        {"min-p", s.minP},
                        {"repetition-penalty", s.repetitionPenalty},
                        {"seed", s.seed}}
      .dump();
}

Result<Bench> makeBench(std::shared_ptr<const model::Model> model,
                        std::optional<tokenizer::Tokenizer> tokenizer, std::vector<Task> tasks,
                        const Settings& settings) {
  Bench bench;
  bench.model = std::move(model);
  bench.tokenizer = std::move(tokenizer);
  if (bench.tokenizer)
    bench.markers = thinkingMarkers(*bench.tokenizer);
  bench.settings = settings;
  bench.tasks = std::move(tasks);
  const std::int64_t positions = bench.model->config().maxPositions;
  for (const Task& task : bench.tasks) {
    ScoredText prompt;
    std::vector<ScoredText> texts;
    if (generates(task.scorer.kind)) {
      prompt.tokens = task.prompt.tokens;
      if (!task.prompt.hasTokens)
        prompt.tokens = SY_TRY(bench.tokenizer->encode(
            task.prompt.text, {.addTemplate = settings.addTemplate && !task.prompt.isChat}));
      SY_TRY(checkLength(task, prompt, 1, positions));
    } else {
      texts = SY_TRY(
          ratedTexts(task, bench.tokenizer ? &*bench.tokenizer : nullptr, settings.addTemplate));
      for (const ScoredText& text : texts)
        SY_TRY(checkLength(task, text, 0, positions));
    }
    bench.prompts.push_back(std::move(prompt));
    bench.texts.push_back(std::move(texts));
  }
  return bench;
}

} // namespace switchyard::jobs::evaluate
