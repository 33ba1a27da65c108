#include "bench/model_run.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/rng.h"
#include "core/model/backward.h"
#include "core/session/sampler.h"
#include "core/session/session.h"
#include "core/trace/recorder.h"
#include "core/trace/writer.h"

namespace switchyard::bench {

namespace {

std::vector<base::TokenId> randomTokens(std::int64_t count, int vocabulary) {
  base::Rng rng(17, 0);
  std::vector<base::TokenId> tokens;
  for (std::int64_t i = 0; i < count; ++i)
    tokens.emplace_back(
        static_cast<std::int32_t>(rng.nextU64() % static_cast<std::uint64_t>(vocabulary)));
  return tokens;
}

trace::TraceMeta metaOf(const model::ModelConfig& config) {
  trace::TraceMeta meta;
  meta.program = "switchyard-bench";
  meta.family = model::name(config.family);
  meta.stackLayers = config.layers;
  meta.hidden = config.hidden;
  meta.vocabulary = config.vocabulary;
  for (int layer = 0; layer < config.layers; ++layer)
    if (config.moeLayer[static_cast<std::size_t>(layer)])
      meta.layers.push_back(
          {.layer = layer, .experts = config.moe.gate.experts, .k = config.moe.gate.k});
  return meta;
}

/// A trace that is being recorded, and removed in the end.
class Recording {
public:
  static base::Result<Recording> start(const std::filesystem::path& path,
                                       const model::ModelConfig& config) {
    Recording recording;
    recording.m_path = path;
    recording.m_writer = SY_TRY(trace::TraceWriter::create(
        path, metaOf(config), {.weights = true, .logits = true}, {.overwrite = true}));
    recording.m_recorder = std::make_unique<trace::TraceRecorder>(*recording.m_writer);
    SY_TRY(recording.m_recorder->beginSequence({}));
    return recording;
  }
  Recording(Recording&&) = default;
  ~Recording() {
    if (!m_writer)
      return;
    m_recorder.reset();
    m_writer.reset();
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", ".lock"})
      std::filesystem::remove(m_path.string() + suffix, ignored);
  }
  hooks::Observer* observer() const { return m_recorder.get(); }
  base::Result<void> endSequence() { return m_recorder->endSequence(); }

private:
  Recording() = default;
  std::filesystem::path m_path;
  std::unique_ptr<trace::TraceWriter> m_writer;
  std::unique_ptr<trace::TraceRecorder> m_recorder;
};

} // namespace

base::Result<ModelRun> ModelRun::create(const std::filesystem::path& folder,
                                        const base::ThreadContext& threads,
                                        const std::filesystem::path& scratch, bool record) {
  ModelRun run;
  run.m_model = SY_TRY(model::Model::load(folder, threads));
  run.m_threads = &threads;
  run.m_trace = scratch / fmt::format("switchyard-bench-{}.swy", ::getpid());
  run.m_record = record;
  return run;
}

base::Result<double> ModelRun::prefill(std::int64_t tokens) const {
  const std::vector<base::TokenId> prompt = randomTokens(tokens, config().vocabulary);
  std::optional<Recording> recording;
  std::vector<hooks::Observer*> observers;
  if (m_record) {
    recording.emplace(SY_TRY(Recording::start(m_trace, config())));
    observers.push_back(recording->observer());
  }
  const Stopwatch watch;
  session::Session session =
      SY_TRY(session::Session::create(m_model, *m_threads, {.reserve = tokens}));
  SY_TRY(session.extend(prompt, observers));
  if (recording)
    SY_TRY(recording->endSequence());
  return watch.times().wall;
}

base::Result<double> ModelRun::decode(std::int64_t tokens, std::int64_t context) const {
  const std::vector<base::TokenId> prompt = randomTokens(context, config().vocabulary);
  std::optional<Recording> recording;
  std::vector<hooks::Observer*> observers;
  if (m_record) {
    recording.emplace(SY_TRY(Recording::start(m_trace, config())));
    observers.push_back(recording->observer());
  }
  session::Session session =
      SY_TRY(session::Session::create(m_model, *m_threads, {.reserve = context + tokens}));
  std::span<const float> logits = SY_TRY(session.extend(prompt, observers));
  const Stopwatch watch;
  for (std::int64_t i = 0; i < tokens; ++i) {
    const base::TokenId next = session::argmax(logits);
    logits = SY_TRY(session.extend({&next, 1}, observers));
  }
  if (recording)
    SY_TRY(recording->endSequence());
  return watch.times().wall;
}

base::Result<ModelRun::BackwardTimes> ModelRun::backward(std::int64_t tokens) const {
  const std::vector<base::TokenId> text = randomTokens(tokens, config().vocabulary);
  const auto predicting = std::span<const base::TokenId>(text).first(text.size() - 1);
  const model::PassContext context{.threads = *m_threads};
  model::GradientWorkspace buffers;
  model::Workspace work;
  std::vector<float> gradient(static_cast<std::size_t>(config().moeLayers()) *
                              static_cast<std::size_t>(config().moe.gate.experts));
  BackwardTimes times;
  for (int round = 0; round < 2; ++round) { // the first one fills the buffers
    const Stopwatch forward;
    model::KvCache cache = SY_TRY(model::KvCache::create(config(), tokens));
    const model::Segment segment{
        .cache = &cache, .tokens = predicting, .logits = model::LogitsFor::All};
    SY_TRY(m_model->forward({&segment, 1}, context, work));
    times.forward = forward.times();
    const Stopwatch both;
    SY_TRY(model::routerGradient(*m_model, context, {.tokens = text}, buffers, gradient));
    times.backward = both.times();
    times.backward.wall -= times.forward.wall;
    times.backward.work -= times.forward.work;
  }
  return times;
}

} // namespace switchyard::bench
