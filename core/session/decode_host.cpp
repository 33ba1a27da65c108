#include "core/session/decode_host.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/session/context_routing.h"

namespace switchyard::session {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<std::unique_ptr<ModelDecodeHost>>
ModelDecodeHost::create(std::shared_ptr<const model::Model> model,
                        const base::ThreadContext& threads, DecodeHostOptions options) {
  if (options.policy && options.policy->traits().weightOnInput)
    return fail(ErrorCode::Unsupported,
                fmt::format("\"{}\" weighs the inputs of experts; only policies that weigh their "
                            "outputs can be run",
                            options.policy->id()));
  std::unique_ptr<ModelDecodeHost> host(new ModelDecodeHost);
  host->m_branches = SY_TRY(Branches::create(*model, options.policy, options.reserve));
  if (options.past.length() > 0) {
    Branch* text = SY_TRY(host->m_branches->find(0));
    host->m_shown = options.past.length();
    text->cache = std::move(options.past);
    SY_TRY(
        text->cache.reserve(std::min<std::int64_t>(options.reserve, model->config().maxPositions)));
  }
  host->m_slotsOf.assign(static_cast<std::size_t>(model->config().layers), 0);
  for (const routing::LayerFacts& facts : model->layerFacts())
    host->m_slotsOf[static_cast<std::size_t>(facts.layer.value)] =
        options.policy ? std::max(facts.k, options.policy->maxK(facts)) : facts.k;
  host->m_model = std::move(model);
  host->m_threads = &threads;
  host->m_options = std::move(options);
  host->m_window.emplace(host->m_options.observers, host->m_slotsOf);
  return host;
}

Result<void> ModelDecodeHost::start(std::span<const base::TokenId> prompt,
                                    const base::RunControl& control, bool whole) {
  if (prompt.empty())
    return fail(ErrorCode::InvalidArgument, "the prompt is empty");
  const auto total = static_cast<std::int64_t>(prompt.size());
  if (total > m_model->config().maxPositions)
    return fail(ErrorCode::LimitExceeded,
                fmt::format("{} tokens do not fit into the model's {} positions; use a smaller "
                            "--context or a shorter prompt",
                            total, m_model->config().maxPositions));
  m_text.reserve(prompt.size() + static_cast<std::size_t>(m_options.reserve));
  m_text.assign(prompt.begin(), prompt.end());
  m_promptLength = total;
  m_stop = control.stop;
  const std::int64_t runs = whole ? total : total - 1;
  for (std::int64_t done = SY_TRY(length(0)); done < runs; done += m_options.chunk) {
    SY_TRY(control.check());
    const std::int64_t count = std::min(m_options.chunk, runs - done);
    const BranchStep chunk{
        0,
        prompt.subspan(static_cast<std::size_t>(done), static_cast<std::size_t>(count)),
        0,
        {},
        {}};
    SY_TRY(step({&chunk, 1}));
    control.report(done + count, total, "tokens");
  }
  m_started = true;
  return {};
}

Result<void> ModelDecodeHost::finish() {
  const auto run = static_cast<std::size_t>(SY_TRY(length(0)));
  if (run >= m_text.size())
    return {};
  const std::vector<float> offsets = m_lastOffsets; // step() remembers them anew
  const BranchStep rest{
      0, std::span<const base::TokenId>(m_text).subspan(run), m_lastRecipe, offsets, {}};
  return step({&rest, 1});
}

model::KvCache ModelDecodeHost::takeCache() {
  return std::move((*m_branches->find(0))->cache); // it always exists
}

Result<RecipeId> ModelDecodeHost::compileRecipe(std::string_view json) {
  if (!m_options.compile)
    return fail(ErrorCode::Unsupported, "decoders cannot use recipes here");
  return m_branches->addRecipe(SY_TRY(m_options.compile(json)));
}

Result<std::int64_t> ModelDecodeHost::length(BranchId branch) const {
  return SY_TRY(std::as_const(*m_branches).find(branch))->cache.length();
}

Result<base::TokenId> ModelDecodeHost::sample(std::span<const float> scores) {
  if (scores.size() != static_cast<std::size_t>(vocabulary()))
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} scores for a vocabulary of {}", scores.size(), vocabulary()));
  ++m_samples;
  return m_options.choose(scores, m_text);
}

Result<void> ModelDecodeHost::check(std::span<const BranchStep> steps) const {
  const auto wrong = [](std::string what) {
    return fail(ErrorCode::InvalidArgument, "a step of the decoder is wrong: " + what);
  };
  if (steps.empty())
    return wrong("it names no branch");
  const std::size_t cells =
      static_cast<std::size_t>(moeLayers()) * static_cast<std::size_t>(experts());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const BranchStep& step = steps[i];
    const std::int64_t start = SY_TRY(length(step.branch));
    const auto count = static_cast<std::int64_t>(step.tokens.size());
    for (std::size_t j = 0; j < i; ++j)
      if (steps[j].branch == step.branch)
        return wrong(fmt::format("branch {} is named twice", step.branch));
    if (count == 0)
      return wrong(fmt::format("branch {} gets no tokens", step.branch));
    if (!m_branches->hasRecipe(step.recipe))
      return wrong(fmt::format("there is no recipe {}", step.recipe));
    if (!step.routerOffsets.empty() && step.routerOffsets.size() != cells)
      return wrong(
          fmt::format("{} router offsets instead of {}", step.routerOffsets.size(), cells));
    if (!step.logits.empty() && step.logits.size() != static_cast<std::size_t>(vocabulary()))
      return wrong(
          fmt::format("room for {} logits instead of {}", step.logits.size(), vocabulary()));
    if (start + count > m_model->config().maxPositions)
      return fail(ErrorCode::LimitExceeded,
                  fmt::format("{} tokens do not fit into the model's {} positions", start + count,
                              m_model->config().maxPositions));
    if (step.branch == 0 &&
        (start + count > static_cast<std::int64_t>(m_text.size()) ||
         !std::ranges::equal(step.tokens,
                             std::span<const base::TokenId>(m_text).subspan(
                                 static_cast<std::size_t>(start), step.tokens.size()))))
      return wrong("branch 0 runs the prompt and what was emitted after it, nothing else; try "
                   "other tokens on a fork");
  }
  return {};
}

std::int64_t ModelDecodeHost::collectSegments(std::int64_t first) {
  m_segments.clear();
  m_segmentSteps.clear();
  std::int64_t ofText = 0;
  for (const Running& running : m_running) {
    const BranchStep& step = *running.step;
    const auto total = static_cast<std::int64_t>(step.tokens.size());
    if (first >= total)
      continue;
    const std::int64_t count = std::min(m_options.chunk, total - first);
    const bool wanted = !step.logits.empty() && first + count == total;
    m_segments.push_back({.cache = &running.branch->cache,
                          .sequence = base::SequenceId{0},
                          .tokens = step.tokens.subspan(static_cast<std::size_t>(first),
                                                        static_cast<std::size_t>(count)),
                          .logits = wanted ? model::LogitsFor::Last : model::LogitsFor::None,
                          // The prompt counts as one pass, however it is cut.
                          .finalLength = std::max(running.before + total, m_promptLength),
                          .routing = {.offsets = step.routerOffsets,
                                      .policy = m_branches->policyOf(*running.branch, step.recipe),
                                      .promptLength = m_promptLength,
                                      .seed = m_options.seed}});
    m_segmentSteps.push_back(&step);
    if (step.branch == 0)
      ofText = count;
  }
  return ofText;
}

Result<void> ModelDecodeHost::runBatch(std::int64_t first) {
  const std::int64_t ofText = collectSegments(first);
  const std::int64_t start = ofText > 0 ? m_segments.front().cache->length() : 0;
  const std::int64_t seen = std::clamp<std::int64_t>(m_shown - start, 0, ofText);
  const bool shows = !m_options.observers.empty() && seen < ofText;
  hooks::Observer* window = &*m_window;
  std::span<hooks::Observer* const> observers;
  if (shows && m_segments.size() == 1 && seen == 0)
    observers = m_options.observers;
  else if (shows)
    observers = {&window, 1};
  m_window->show(static_cast<std::size_t>(seen), static_cast<std::size_t>(ofText - seen));
  // A token that is being recorded is finished: half of one in a trace would spoil it.
  SY_TRY(m_model->forward(m_segments,
                          {.threads = *m_threads,
                           .observers = observers,
                           .stop = shows && m_started ? std::stop_token() : m_stop},
                          m_work));
  m_shown = std::max(m_shown, start + ofText);
  giveLogits();
  if (m_options.keepsLogits)
    keepLogits();
  noteResiduals(first);
  return {};
}

Result<void> ModelDecodeHost::step(std::span<const BranchStep> steps) {
  SY_TRY(check(steps));
  m_running.clear();
  std::int64_t longest = 0;
  for (const BranchStep& step : steps) {
    Branch* branch = SY_TRY(m_branches->find(step.branch));
    const std::int64_t length = branch->cache.length();
    const auto count = static_cast<std::int64_t>(step.tokens.size());
    const std::int64_t capacity = branch->cache.capacity();
    if (length + count > capacity) { // a branch may well become as long as the text
      const std::int64_t ofText = (*m_branches->find(0))->cache.capacity();
      SY_TRY(branch->cache.reserve(std::min<std::int64_t>(
          m_model->config().maxPositions, std::max({length + count, 2 * capacity, ofText}))));
    }
    longest = std::max(longest, count);
    m_running.insert(step.branch == 0 ? m_running.begin() : m_running.end(),
                     Running{&step, branch, length});
  }
  for (std::int64_t first = 0; first < longest; first += m_options.chunk)
    if (auto done = runBatch(first); !done) {
      for (const Running& running : m_running)
        running.branch->cache.truncate(running.before);
      return done;
    }
  for (const Running& running : m_running)
    std::swap(running.branch->residual, running.branch->nextResidual);
  if (const BranchStep& text = *m_running.front().step; text.branch == 0) {
    m_lastRecipe = text.recipe;
    m_lastOffsets.assign(text.routerOffsets.begin(), text.routerOffsets.end());
  }
  return {};
}

Result<double> ModelDecodeHost::routerGradient(const GradientCall& call) {
  if (call.recipe != 0)
    return fail(ErrorCode::Unsupported,
                "router gradients are those of the run's routing, not of a decoder's recipe");
  const auto layers = static_cast<std::size_t>(moeLayers());
  const std::size_t rows = call.tokens.empty() ? 0 : call.tokens.size() - 1;
  const ContextRouting& routing = call.routing;
  if ((!routing.surprise.empty() && routing.surprise.size() != layers) ||
      (!routing.ids.empty() && routing.ids.size() != layers * rows * static_cast<std::size_t>(k())))
    return fail(ErrorCode::InvalidArgument,
                "the places for the routing of a gradient's pass have other sizes than it");
  if (!m_gradient)
    m_gradient = std::make_unique<model::GradientWorkspace>();
  ContextRoutingObserver observer(m_model->config().moe.gate.score, call.offsets, routing);
  hooks::Observer* const observers[] = {&observer};
  const bool observed = !routing.surprise.empty() || !routing.ids.empty();
  return model::routerGradient(*m_model,
                               {.threads = *m_threads,
                                .observers = observed ? std::span<hooks::Observer* const>(observers)
                                                      : std::span<hooks::Observer* const>(),
                                .stop = m_stop},
                               {.tokens = call.tokens,
                                .offsets = call.offsets,
                                .policy = m_options.policy,
                                .promptLength = m_promptLength,
                                .seed = m_options.seed},
                               *m_gradient, call.gradient);
}

} // namespace switchyard::session
