#pragma once

#include <optional>
#include <vector>

#include "app/jobs/capture.h"
#include "app/jobs/prompts.h"
#include "app/jobs/recipes.h"
#include "app/jobs/text.h"
#include "core/model/model.h"
#include "core/trace/meta.h"
#include "core/trace/writer.h"

namespace switchyard::jobs {

/// Everything that a capture needs, opened and checked.
struct CaptureSetup {
  std::vector<Prompt> prompts;
  std::vector<Window> windows;
  trace::TraceMeta meta;
  trace::WriterOptions writer;
  Steering steering; ///< its policy is cloned for each sequence
  DecoderChoice decoder;
  std::optional<tokenizer::Tokenizer> tokenizer; ///< where the prompts are texts

  std::shared_ptr<const model::Model> model;

  const tokenizer::Tokenizer* texts() const { return tokenizer ? &*tokenizer : nullptr; }
  std::int64_t size() const { return static_cast<std::int64_t>(windows.size()); }
  /// Tokens of a window and of what is generated after it.
  std::int64_t plannedTokens(std::int64_t index, const CaptureOptions& options) const {
    return static_cast<std::int64_t>(windows[static_cast<std::size_t>(index)].tokens.size()) +
           options.generate;
  }
  /// What the trace says of a window before it runs.
  trace::SequenceInfo describe(std::int64_t index) const;
};

/// Reads and checks everything but the model. Errors: see capture().
base::Result<CaptureSetup> prepareCapture(const CaptureOptions& options,
                                          const base::RunControl& control);
/// Loads the model and adds what the trace says of recipe and decoder.
base::Result<void> loadModel(CaptureSetup& setup, const CaptureOptions& options,
                             const base::ThreadContext& threads, const base::RunControl& control);

} // namespace switchyard::jobs
