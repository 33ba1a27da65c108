#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/progress.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

enum class ExportFormat : std::uint8_t { Safetensors, Npz, Csv, Jsonl };

/// "safetensors" -> Safetensors, ... Error InvalidArgument listing the four.
base::Result<ExportFormat> parseExportFormat(std::string_view name);

struct ExportOptions {
  ExportFormat format = ExportFormat::Safetensors;
  std::filesystem::path out{};
  bool overwrite = false;
};

struct ExportSummary {
  std::int64_t sequences = 0;
  std::int64_t tokens = 0;
  std::vector<std::string> leftOut; ///< recorded columns that the format has no place for
};

/// Writes a whole trace for other programs, in one step (the file appears complete or not at all)
/// and in memory that does not grow with the tokens.
///
/// safetensors and npz, per sequence i (from 0) and MoE layer at position l of the stack:
///   s{i}.ids [T] i64, s{i}.l{l}.experts [R,k] i64 in rank order (-1: unused slot),
///   and what was recorded of s{i}.l{l}.weights [R,k] f32, s{i}.l{l}.router_logits [R,E] f32,
///   s{i}.l{l}.norms [R,k] f32, s{i}.hidden [layers+1,R,H] f32 (entering each layer, then after the
///   final norm), s{i}.lm_logits [R,V] f32, s{i}.predicted [R] i64,
///   s{i}.figures [T - prompt length,F] f32: what the decoder recorded of each generated token,
///   s{i}.distributions [2,T - prompt length,V] f32: the log-probabilities that it was chosen from,
///   of the text's own pass and of the decoder's other pass (NaN: there was none). T counts prompt
///   and generated tokens; R = T unless the last tokens were never run. Facts of the trace, its
///   layers, and each sequence's id, labels and prompt length are in the safetensors metadata and
///   in the npz text array `metadata` (JSON both).
/// csv: a row per token and MoE layer; no hidden states, next-token logits, router logits, figures
/// or distributions.
/// jsonl: an object per sequence with everything but distributions; NaN and infinity become null.
/// Errors: the reader's; InvalidArgument if `out` exists and overwrite was not asked for; Io;
/// LimitExceeded if a safetensors header would pass that format's limit; Cancelled.
base::Result<ExportSummary> exportTrace(const std::shared_ptr<const trace::Trace>& trace,
                                        const ExportOptions& options,
                                        const base::RunControl& control = {});

} // namespace switchyard::jobs
