#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/hooks/observer.h"
#include "core/model/model.h"
#include "core/routing/policy.h"

namespace switchyard::session {

struct SessionOptions {
  base::SequenceId sequence{0}; ///< what observers see
  /// Positions to reserve; the session grows beyond it, up to the model's maxPositions.
  std::int64_t reserve = 256;
  /// Tokens per forward pass while prefilling; bounds memory, never changes results.
  std::int64_t chunk = 512;
};

/// One sequence being run: its tokens and KV state. Used by one thread at a time (the model and
/// the ThreadContext are shared). Movable.
class Session {
public:
  static base::Result<Session> create(std::shared_ptr<const model::Model> model,
                                      const base::ThreadContext& threads,
                                      SessionOptions options = {});

  /// Appends tokens and runs them, in chunks. Observers see every row. Returns the next-token
  /// logits [vocabulary] after the last token; valid until the next call.
  /// Errors: LimitExceeded past maxPositions, and those of Model::forward. After an error or a stop
  /// the session holds the chunks that were finished.
  base::Result<std::span<const float>> extend(std::span<const base::TokenId> tokens,
                                              std::span<hooks::Observer* const> observers = {},
                                              const base::RunControl& control = {});

  /// Changes the routing of all tokens run from now on; null gives the checkpoint's own back.
  /// Positions from promptLength on count as generated for policies that tell phases apart.
  /// Errors: those of Policy::begin; Unsupported for a policy whose weights multiply the experts'
  /// inputs, which this version does not run.
  base::Result<void> setPolicy(std::unique_ptr<routing::Policy> policy, std::int64_t promptLength,
                               std::uint64_t seed = 0);

  /// A session that continues from the same state on its own; `sequence` is its new id. Its policy
  /// is a clone.
  base::Result<Session> fork(base::SequenceId sequence) const;

  std::int64_t length() const { return m_cache.length(); } ///< tokens run so far
  const model::Model& model() const { return *m_model; }

private:
  Session() = default;

  std::shared_ptr<const model::Model> m_model;
  const base::ThreadContext* m_threads = nullptr;
  SessionOptions m_options;
  model::KvCache m_cache;
  std::unique_ptr<model::Workspace> m_work;
  std::unique_ptr<routing::Policy> m_policy;
  std::int64_t m_promptLength = 0;
  std::uint64_t m_seed = 0;
};

} // namespace switchyard::session
