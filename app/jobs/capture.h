#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "app/jobs/decoders.h"
#include "app/jobs/model_shelf.h"
#include "app/jobs/prompts.h"
#include "app/jobs/ranks/ranks.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/plugin/registry.h"
#include "core/session/sampler.h"
#include "core/trace/columns.h"

namespace switchyard::jobs {

struct CaptureOptions {
  std::filesystem::path model;
  std::filesystem::path prompts;
  PromptFilter filter{}; ///< which of them
  std::filesystem::path out;
  trace::Columns columns{};
  std::int64_t generate = 0;                ///< tokens to generate after each window
  std::optional<std::int64_t> context{};    ///< tokens of a window and what is generated after it;
                                            ///< default: the model's positions
  std::optional<std::uint64_t> maxMemory{}; ///< bytes for weights, KV state and buffered rows
  bool resume = false;
  bool overwrite = false;
  bool addTemplate = true;
  session::SamplerOptions sampler{};            ///< for generate
  std::filesystem::path recipe{};               ///< changes the routing; empty: the model's own
  DecoderRequest decoder{};                     ///< for generate
  std::shared_ptr<plugin::Registry> registry{}; ///< of decoders and the recipe's router plugins
  base::LogSink log{};                          ///< of the decoder
  std::shared_ptr<ModelShelf> models{}; ///< shared with other jobs; empty: the model is loaded
  Ranks* ranks = nullptr;               ///< processes that share the windows; borrowed
};

struct CaptureResult {
  std::int64_t sequences = 0; ///< in the trace now
  std::int64_t captured = 0;  ///< run by this call
  std::int64_t tokens = 0;    ///< run by this call
  double seconds = 0;         ///< running the model, loading apart
  bool complete = false;      ///< false: stopped on request, resume continues
};

/// Runs every window of a prompt set through a model and records its routing.
/// The trace's bytes depend on model, prompts and options only, not on threads or interruptions.
/// A stop request is not an error: whole sequences are kept and the result says incomplete.
/// Errors: config, checkpoint, tokenizer, prompt and trace errors; InvalidArgument if `out` exists
/// and neither resume nor overwrite was asked for. After an error the finished sequences are kept
/// and resume continues.
/// With ranks, every one of them calls this with the same options; rank 0 alone writes, the others
/// return an empty result. The bytes are those of one process.
base::Result<CaptureResult> capture(const CaptureOptions& options,
                                    const base::ThreadContext& threads,
                                    const base::RunControl& control);

} // namespace switchyard::jobs
