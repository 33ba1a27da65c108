#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "bench/stopwatch.h"
#include "core/base/error.h"
#include "core/base/thread_context.h"
#include "core/model/model.h"

namespace switchyard::bench {

/// Times passes of a model the way a capture runs them: every run is a session of its own, with
/// ids, weights and router logits recorded into a trace (a scratch file, removed afterwards).
class ModelRun {
public:
  /// scratch: folder for the trace. record: false leaves the recorder out, to see what it costs.
  /// `threads` must outlive this. Errors: those of Model::load.
  static base::Result<ModelRun> create(const std::filesystem::path& folder,
                                       const base::ThreadContext& threads,
                                       const std::filesystem::path& scratch, bool record);

  /// Seconds of one pass of `tokens` seeded random tokens through an empty session.
  base::Result<double> prefill(std::int64_t tokens) const;
  /// Seconds of greedily generating `tokens` tokens after a prompt of `context` tokens, the prompt
  /// not counted.
  base::Result<double> decode(std::int64_t tokens, std::int64_t context) const;

  struct BackwardTimes {
    Times forward;  ///< a forward pass with all logits
    Times backward; ///< what a gradient with respect to router offsets takes beyond that
  };
  /// Both for `tokens` seeded random tokens, buffers warm.
  base::Result<BackwardTimes> backward(std::int64_t tokens) const;

  const model::ModelConfig& config() const { return m_model->config(); }

private:
  std::shared_ptr<const model::Model> m_model;
  const base::ThreadContext* m_threads = nullptr;
  std::filesystem::path m_trace;
  bool m_record = true;
};

} // namespace switchyard::bench
