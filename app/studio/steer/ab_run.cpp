#include "app/studio/steer/ab_run.h"

#include <nlohmann/json.hpp>

#include "app/jobs/command_line.h"
#include "app/jobs/recipes.h"

namespace switchyard::studio {

namespace {

using base::Result;

/// Counts the tokens of one side for the job's progress, and ends it on request.
class Counter final : public jobs::TokenWatcher {
public:
  Counter(const base::RunControl& control, std::int64_t before, std::int64_t total,
          std::string_view side)
      : m_control(control), m_done(before), m_total(total), m_side(side) {}

  void onScores(std::span<const float>, base::TokenId) override {}
  bool onToken(base::TokenId, const jobs::DecodeRecord&) override {
    m_control.report(++m_done, m_total, m_side);
    return !m_control.stop.stop_requested();
  }

private:
  const base::RunControl& m_control;
  std::int64_t m_done, m_total;
  std::string_view m_side;
};

Result<jobs::GenerateResult> side(const AbRequest& request,
                                  const std::shared_ptr<plugin::Registry>& registry,
                                  const routing::Policy* policy, const std::string& recipe,
                                  const std::vector<base::TokenId>& prompt, Counter& counter,
                                  const base::ThreadContext& threads,
                                  const base::RunControl& control) {
  const tokenizer::Tokenizer* tokenizer = request.model->tokenizer.get();
  const jobs::DecoderChoice choice =
      SY_TRY(jobs::DecoderChoice::find(request.decoder, registry, {.control = {{}, control.stop}}));
  const auto decoder = SY_TRY(choice.make());
  auto generated =
      SY_TRY(jobs::generate({.model = request.model->model,
                             .threads = threads,
                             .decoder = *decoder,
                             .policy = policy,
                             .compile = jobs::recipeCompiler(registry.get(), tokenizer, recipe),
                             .tokenizer = tokenizer,
                             .watcher = &counter,
                             .keepsRecords = false},
                            prompt, request.generate, {}, {{}, control.stop}));
  SY_TRY(control.check());
  return generated;
}

} // namespace

Result<AbOutcome> runAb(const AbRequest& request, const std::shared_ptr<plugin::Registry>& registry,
                        const base::ThreadContext& threads, const base::RunControl& control) {
  const tokenizer::Tokenizer* tokenizer = request.model->tokenizer.get();
  if (!tokenizer)
    return base::fail(base::ErrorCode::Unsupported,
                      "this model has no tokenizer.json, so text cannot be continued with it");
  AbOutcome outcome;
  outcome.prompt = SY_TRY(tokenizer->encode(request.prompt, {.addTemplate = true}));
  if (outcome.prompt.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "the prompt is empty; type some text");
  const jobs::Steering steering =
      SY_TRY(jobs::makeSteering(*request.recipe, registry.get(), tokenizer));
  if (steering.policy)
    SY_TRY(steering.policy->begin(request.model->model->layerFacts()));
  const std::int64_t limit = request.generate.maxTokens;
  Counter first(control, 0, 2 * limit, "tokens of A");
  outcome.a = SY_TRY(side(request, registry, nullptr, {}, outcome.prompt, first, threads, control));
  Counter second(control, limit, 2 * limit, "tokens of B");
  outcome.b = SY_TRY(side(request, registry, steering.policy.get(), steering.recipe, outcome.prompt,
                          second, threads, control));
  outcome.diff = diffTokens(outcome.a.tokens, outcome.b.tokens);
  return outcome;
}

QString commandLines(const AbRequest& request, const QString& model) {
  const auto line = [&](const std::string& recipe) {
    return QString::fromStdString(jobs::generateCommand(model.toStdString(), request.prompt,
                                                        request.generate, request.decoder, recipe));
  };
  const nlohmann::json recipe =
      nlohmann::json::parse(routing::toJson(*request.recipe), nullptr, false);
  return line({}) + "\n" +
         line(recipe.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

} // namespace switchyard::studio
