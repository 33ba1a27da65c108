#include "core/session/session.h"

#include <algorithm>

#include <fmt/format.h>

namespace switchyard::session {

base::Result<Session> Session::create(std::shared_ptr<const model::Model> model,
                                      const base::ThreadContext& threads, SessionOptions options) {
  Session session;
  const std::int64_t limit = model->config().maxPositions;
  session.m_cache =
      SY_TRY(model::KvCache::create(model->config(), std::min(options.reserve, limit)));
  session.m_model = std::move(model);
  session.m_threads = &threads;
  session.m_options = options;
  session.m_work = std::make_unique<model::Workspace>();
  return session;
}

base::Result<std::span<const float>> Session::extend(std::span<const base::TokenId> tokens,
                                                     std::span<hooks::Observer* const> observers,
                                                     const base::RunControl& control) {
  const auto total = static_cast<std::int64_t>(tokens.size());
  const std::int64_t limit = m_model->config().maxPositions;
  if (length() + total > limit)
    return base::fail(base::ErrorCode::LimitExceeded,
                      fmt::format("{} tokens do not fit into the model's {} positions; use a "
                                  "smaller --context or a shorter prompt",
                                  length() + total, limit));
  if (length() + total > m_cache.capacity())
    SY_TRY(m_cache.reserve(std::min(limit, std::max(length() + total, 2 * m_cache.capacity()))));
  std::int64_t done = 0;
  const std::int64_t finalLength = length() + total;
  do {
    SY_TRY(control.check());
    const std::int64_t count = std::min(m_options.chunk, total - done);
    const bool last = done + count == total;
    const model::Segment segment{
        .cache = &m_cache,
        .sequence = m_options.sequence,
        .tokens = tokens.subspan(static_cast<std::size_t>(done), static_cast<std::size_t>(count)),
        .logits = last ? model::LogitsFor::Last : model::LogitsFor::None,
        .finalLength = finalLength,
        .routing = {.policy = m_policy.get(), .promptLength = m_promptLength, .seed = m_seed}};
    SY_TRY(m_model->forward({&segment, 1},
                            {.threads = *m_threads, .observers = observers, .stop = control.stop},
                            *m_work));
    done += count;
    control.report(done, total, "tokens");
  } while (done < total);
  const auto vocabulary = static_cast<std::size_t>(m_model->config().vocabulary);
  return std::span<const float>(m_work->logits).last(vocabulary);
}

base::Result<void> Session::setPolicy(std::unique_ptr<routing::Policy> policy,
                                      std::int64_t promptLength, std::uint64_t seed) {
  if (policy) {
    if (policy->traits().weightOnInput)
      return base::fail(base::ErrorCode::Unsupported,
                        fmt::format("\"{}\" weighs the inputs of experts; only policies that weigh "
                                    "their outputs can be run",
                                    policy->id()));
    SY_TRY(policy->begin(m_model->layerFacts()));
  }
  m_policy = std::move(policy);
  m_promptLength = promptLength;
  m_seed = seed;
  return {};
}

base::Result<Session> Session::fork(base::SequenceId sequence) const {
  Session copy;
  copy.m_model = m_model;
  copy.m_threads = m_threads;
  copy.m_options = m_options;
  copy.m_options.sequence = sequence;
  copy.m_cache = SY_TRY(m_cache.clone());
  copy.m_work = std::make_unique<model::Workspace>();
  copy.m_policy = m_policy ? m_policy->clone() : nullptr;
  copy.m_promptLength = m_promptLength;
  copy.m_seed = m_seed;
  return copy;
}

} // namespace switchyard::session
