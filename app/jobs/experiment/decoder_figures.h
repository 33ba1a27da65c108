#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/thread_context.h"
#include "core/trace/result.h"

namespace switchyard::jobs::experiment {

/// What a decoder recorded of generated tokens in a trace: of each figure the mean over documents
/// of their mean over tokens, with its bootstrap interval over documents, and the same for each
/// value of `label` (empty: not). Nothing where the trace has no figures. Errors: the trace's.
base::Result<std::optional<trace::AnalysisResult>>
decoderFigures(const std::filesystem::path& trace, const std::string& label,
               const base::ThreadContext& threads);

} // namespace switchyard::jobs::experiment
