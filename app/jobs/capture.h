#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/hooks/events.h"
#include "core/session/sampler.h"

namespace switchyard::jobs {

/// What `capture` records besides ids.
struct CaptureColumns {
  bool weights = true;
  bool logits = false;
  bool norms = false;
  bool hidden = false;
  bool lmLogits = false;
  bool predicted = false; ///< argmax of the LM logits at every position
};

/// "ids,weights,logits" -> columns. Error InvalidArgument naming the unknown word.
base::Result<CaptureColumns> parseColumns(const std::string& list);

struct CaptureOptions {
  std::filesystem::path model;
  std::filesystem::path prompts;
  std::filesystem::path out;
  CaptureColumns columns{};
  std::int64_t generate = 0;             ///< tokens to generate after each prompt
  std::optional<std::int64_t> context{}; ///< window length; default: the model's positions
  std::optional<std::uint64_t> maxMemory{}; ///< bytes for weights, KV state and buffered rows
  bool resume = false;
  bool overwrite = false;
  bool addTemplate = true;
  session::SamplerOptions sampler{}; ///< for generate
  std::string commandLine{};
};

struct CaptureResult {
  std::int64_t sequences = 0;  ///< in the trace now
  std::int64_t captured = 0;   ///< run by this call
  std::int64_t tokens = 0;     ///< run by this call
  double seconds = 0;          ///< running the model, loading apart
  bool complete = false;       ///< false: stopped on request, --resume continues
};

/// Runs every window of a prompt set through a model and records its routing.
/// A stop request is not an error: whole sequences are kept and the result says incomplete.
/// Errors: config, checkpoint, tokenizer, prompt and trace errors; InvalidArgument if `out` exists
/// and neither resume nor overwrite was asked for.
base::Result<CaptureResult> capture(const CaptureOptions& options,
                                    const base::ThreadContext& threads,
                                    const base::RunControl& control);

} // namespace switchyard::jobs
