#include "app/jobs/experiment/estimate.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "app/jobs/decoders.h"
#include "app/jobs/generate.h"
#include "core/model/model.h"

namespace switchyard::jobs::experiment {

namespace {

using base::Result;

constexpr std::int64_t kPromptTokens = 96;
constexpr std::int64_t kNewTokens = 24;

/// Seconds a token, and what an item costs besides.
struct Speed {
  double prefill = 0, decode = 0, item = 0;
};

/// A text of the model's own words; ids are as good as any for timing.
std::vector<base::TokenId> textFor(const model::ModelConfig& config) {
  std::vector<base::TokenId> tokens;
  const std::int64_t length =
      std::max<std::int64_t>(1, std::min(kPromptTokens, config.maxPositions - kNewTokens - 1));
  for (std::int64_t i = 0; i < length; ++i)
    tokens.emplace_back(static_cast<std::int32_t>((7 + 131 * i) % config.vocabulary));
  return tokens;
}

/// Times of each kind of run, measured when first asked for.
class Clock {
public:
  Clock(const Plan& plan, const std::shared_ptr<plugin::Registry>& registry,
        const base::ThreadContext& threads, const base::RunControl& control)
      : m_plan(plan), m_registry(registry), m_threads(threads), m_control(control) {}

  Result<Speed> speed(std::size_t model, std::size_t decoder, bool oneThread) {
    const auto key = std::tuple(model, decoder, oneThread);
    if (const auto known = m_speeds.find(key); known != m_speeds.end())
      return known->second;
    const Speed plain = decoder == 0 ? Speed() : SY_TRY(speed(model, 0, oneThread));
    const Speed measured = SY_TRY(measure(model, decoder, oneThread ? m_one : m_threads, plain));
    return m_speeds[key] = measured;
  }

private:
  Result<std::shared_ptr<const model::Model>> load(std::size_t model) {
    auto& slot = m_models[model];
    if (!slot)
      slot = SY_TRY(
          model::Model::load(m_plan.experiment.models[model].place.path, m_threads, {}, m_control));
    return slot;
  }

  Result<Speed> measure(std::size_t index, std::size_t decoder, const base::ThreadContext& threads,
                        const Speed& plain) {
    const auto model = SY_TRY(load(index));
    const evaluate::Variant& variant = m_plan.inputs.decoders[decoder];
    const DecoderChoice choice =
        SY_TRY(DecoderChoice::find({variant.decoder, variant.arguments}, m_registry));
    const tokenizer::Tokenizer* tokenizer = m_plan.inputs.models[index].tokenizer.get();
    const std::vector<base::TokenId> text = textFor(model->config());
    GenerateResult best;
    for (int round = 0; round < 2; ++round) { // the first one also warms up
      const auto object = SY_TRY(choice.make());
      GenerateResult result =
          SY_TRY(generate({.model = model,
                           .threads = threads,
                           .decoder = *object,
                           .policy = nullptr,
                           .compile = recipeCompiler(m_registry.get(), tokenizer),
                           .tokenizer = nullptr,
                           .observers = {},
                           .watcher = nullptr,
                           .keepsRecords = false},
                          text, {.maxTokens = kNewTokens, .stopAtEos = false}, {}, m_control));
      SY_TRY(m_control.check());
      if (round == 0 ||
          result.promptSeconds + result.decodeSeconds < best.promptSeconds + best.decodeSeconds)
        best = std::move(result);
    }
    Speed speed;
    const auto prompt = static_cast<double>(text.size());
    speed.prefill = decoder == 0 ? best.promptSeconds / prompt : plain.prefill;
    speed.item = decoder == 0 ? 0 : std::max(0.0, best.promptSeconds - plain.prefill * prompt);
    speed.decode =
        best.decodeSeconds / static_cast<double>(std::max<std::size_t>(best.tokens.size(), 1));
    return speed;
  }

  const Plan& m_plan;
  const std::shared_ptr<plugin::Registry>& m_registry;
  const base::ThreadContext& m_threads;
  const base::RunControl& m_control;
  const base::ThreadContext m_one{1};
  std::map<std::size_t, std::shared_ptr<const model::Model>> m_models;
  std::map<std::tuple<std::size_t, std::size_t, bool>, Speed> m_speeds;
};

} // namespace

Result<std::vector<Estimate>> estimate(const Plan& plan, const std::vector<const Cell*>& cells,
                                       const std::shared_ptr<plugin::Registry>& registry,
                                       const base::ThreadContext& threads,
                                       const base::RunControl& control) {
  Clock clock(plan, registry, threads, control);
  std::vector<Estimate> list;
  for (const Cell* cell : cells) {
    const Speed speed = SY_TRY(clock.speed(cell->model, cell->decoder, cell->cost.parallel));
    const double seconds = cell->cost.prefill * speed.prefill + cell->cost.decode * speed.decode +
                           cell->cost.items * speed.item;
    // Items side by side, each with one thread; no more of them than there are.
    const double side = cell->cost.parallel
                            ? std::min<double>(threads.threads(), std::max(1.0, cell->cost.items))
                            : 1.0;
    list.push_back({cell, seconds / side});
  }
  return list;
}

} // namespace switchyard::jobs::experiment
