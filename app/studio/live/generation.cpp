#include "app/studio/live/generation.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "app/jobs/recipes.h"
#include "app/jobs/recording.h"
#include "app/jobs/trace_meta.h"
#include "app/studio/live/candidates.h"

namespace switchyard::studio {

namespace {

using base::Result;

/// The weights of a checkpoint are read for its fingerprint: once for each folder.
Result<trace::TraceMeta> metaOf(const model::ModelConfig& config,
                                const std::filesystem::path& folder) {
  static std::mutex mutex;
  static std::map<std::filesystem::path, trace::TraceMeta> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(folder);
  if (found != known.end())
    return found->second;
  return known[folder] = SY_TRY(jobs::describeModel(config, folder));
}

/// Between the tokens of a generation: candidates to the feed, chosen tokens to their list, pause
/// and pace.
class LiveWatcher final : public jobs::TokenWatcher {
public:
  /// forced: so many tokens come first that were not chosen.
  LiveWatcher(RoutingFeed& feed, ChosenTokens& chosen, Pacer& pacer, std::int64_t forced)
      : m_feed(feed), m_chosen(chosen), m_pacer(pacer), m_forced(forced) {}

  void onScores(std::span<const float> scores, base::TokenId drawn) override {
    m_finder.find(scores, drawn, m_next);
  }
  bool onToken(base::TokenId token, const jobs::DecodeRecord& record) override {
    m_next.token = token.value;
    addFigures(record, m_next);
    m_feed.setNext(m_next);
    if (m_forced-- <= 0)
      m_chosen.add(token);
    return m_pacer.await();
  }

private:
  RoutingFeed& m_feed;
  ChosenTokens& m_chosen;
  Pacer& m_pacer;
  std::int64_t m_forced;
  CandidateFinder m_finder;
  NextToken m_next;
};

} // namespace

Result<LiveOutcome> runLive(const LiveRequest& request,
                            const std::shared_ptr<plugin::Registry>& registry,
                            const base::ThreadContext& threads, Pacer& pacer,
                            const std::function<void(LiveStart)>& started,
                            const base::RunControl& control, LiveState* state) {
  LiveState before = state ? std::exchange(*state, {}) : LiveState{};
  SY_TRY(session::validate(request.generate.sampler));
  const model::Model& model = *request.model->model;
  const tokenizer::Tokenizer* tokenizer = request.model->tokenizer.get();
  if (!tokenizer)
    return base::fail(base::ErrorCode::Unsupported,
                      "this model has no tokenizer.json, so text cannot be continued with it",
                      {.file = request.folder.string()});
  LiveStart start;
  start.prompt = SY_TRY(tokenizer->encode(request.prompt, {.addTemplate = true}));
  if (start.prompt.empty())
    return base::fail(base::ErrorCode::InvalidArgument, "the prompt is empty; type some text");
  jobs::Steering steering;
  if (request.recipe)
    steering = SY_TRY(jobs::makeSteering(*request.recipe, registry.get(), tokenizer));
  if (steering.policy)
    SY_TRY(steering.policy->begin(model.layerFacts()));
  const jobs::DecoderChoice choice =
      SY_TRY(jobs::DecoderChoice::find(request.decoder, registry, {.control = {{}, control.stop}}));
  const std::unique_ptr<session::Decoder> decoder = SY_TRY(choice.make());
  trace::TraceMeta meta = SY_TRY(metaOf(model.config(), request.folder));
  meta.seed = request.generate.sampler.seed;
  jobs::describeSteering(steering, model.layerFacts(), meta);
  SY_TRY(choice.describe(model, meta));

  start.shape = {meta.layers, true, true, steering.policy != nullptr};
  start.feed = std::make_shared<RoutingFeed>(FeedOptions{start.shape,
                                                         meta.gate == trace::GateKind::Sigmoid
                                                             ? analyzers::Probabilities::Sigmoid
                                                             : analyzers::Probabilities::Softmax,
                                                         model.layerFacts()});
  const bool keeps = state && choice.isPlain() && !request.trace.empty() &&
                     !(steering.policy && steering.policy->traits().stateful);
  // The rows come from the trace of the run before; without its file everything is run.
  const bool has = keeps && before.trace && before.trace->reader();
  const std::int64_t known = has ? before.reusable(request, start.prompt) : 0;
  before.cache.truncate(known);
  const std::shared_ptr<RoutingFeed> feed = start.feed;
  const auto chosen = start.chosen = std::make_shared<ChosenTokens>();
  const std::vector<base::TokenId> prompt = start.prompt;
  started(std::move(start));

  std::vector<hooks::Observer*> observers{feed.get()};
  jobs::Recording recording;
  if (!request.trace.empty()) {
    recording = SY_TRY(
        jobs::startRecording(request.trace, meta, request.columns, "live", request.prompt, prompt));
    if (known > 0)
      SY_TRY(showRecorded(*before.trace, known, *recording.recorder, {{}, control.stop}));
    observers.push_back(recording.recorder.get());
  }
  const auto given = static_cast<std::int64_t>(prompt.size() + request.generate.forced.size());
  const std::int64_t forced = std::min<std::int64_t>(
      static_cast<std::int64_t>(request.generate.forced.size()), given - 1 - known); // and run
  LiveWatcher watcher(*feed, *chosen, pacer, forced);
  pacer.passFreely(forced);
  LiveOutcome outcome;
  outcome.generated = SY_TRY(
      jobs::generate({.model = request.model->model,
                      .threads = threads,
                      .decoder = *decoder,
                      .policy = steering.policy.get(),
                      .compile = jobs::recipeCompiler(registry.get(), tokenizer, steering.recipe),
                      .tokenizer = tokenizer,
                      .observers = observers,
                      .watcher = &watcher,
                      .state = keeps ? &before.cache : nullptr},
                     prompt, request.generate, {}, {{}, control.stop}));
  feed->flush();
  if (recording.recorder) {
    SY_TRY(jobs::finishRecording(recording, outcome.generated.records));
    outcome.trace = SY_TRY(trace::Trace::open(request.trace));
  }
  if (keeps &&
      model::KvCache::bytes(model.config(), before.cache.capacity()) <= LiveState::kMostBytes)
    *state = {request.model,
              request.recipe,
              request.generate.sampler.seed,
              prompt,
              outcome.generated.tokens,
              outcome.trace,
              std::move(before.cache)};
  return outcome;
}

} // namespace switchyard::studio
