#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/jobs/decoders.h"
#include "app/jobs/generate.h"
#include "core/base/thread_context.h"
#include "core/plugin/registry.h"
#include "core/trace/columns.h"

namespace switchyard::jobs {

struct GenerateTextOptions {
  std::filesystem::path model;
  std::string prompt;
  std::vector<std::int32_t> tokenIds{}; ///< instead of prompt
  bool addTemplate = true;
  GenerateOptions generate{};
  std::filesystem::path trace{}; ///< empty: nothing is recorded
  trace::Columns columns{};
  bool wantsRecords = true;       ///< GenerateResult::records, where nothing is recorded
  std::filesystem::path recipe{}; ///< changes the routing; empty: the model's own
  DecoderRequest decoder{};
  std::shared_ptr<plugin::Registry> registry{}; ///< of decoders and the recipe's router plugins
  base::LogSink log{};                          ///< of the decoder
};

struct GenerateTextResult {
  std::string decoder; ///< its short name
  std::vector<base::TokenId> prompt;
  GenerateResult generated;

  double promptRate() const; ///< tokens per second; 0 when nothing was run
  double decodeRate() const;
};

/// Loads a model, continues one prompt, and records the run if asked to.
/// Errors: those of loading, tokenizing, generating and recording; InvalidArgument if the trace
/// exists or the prompt is empty.
base::Result<GenerateTextResult> generateText(const GenerateTextOptions& options,
                                              const base::ThreadContext& threads,
                                              const std::function<void(std::string_view)>& onText,
                                              const base::RunControl& control);

} // namespace switchyard::jobs
