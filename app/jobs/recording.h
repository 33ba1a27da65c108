#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "app/jobs/decode_records.h"
#include "core/trace/recorder.h"
#include "core/trace/writer.h"

namespace switchyard::jobs {

/// The trace of one text while it is generated; the recorder, an observer, goes before its writer.
struct Recording {
  std::unique_ptr<trace::TraceWriter> writer;
  std::unique_ptr<trace::TraceRecorder> recorder;
};

/// Creates a trace of one sequence, named `id`, that begins with the prompt. Errors: those of
/// TraceWriter::create.
base::Result<Recording> startRecording(const std::filesystem::path& path,
                                       const trace::TraceMeta& meta, const trace::Columns& columns,
                                       const std::string& id, const std::string& text,
                                       std::span<const base::TokenId> prompt);

/// Adds what the decoder recorded and makes the trace whole.
base::Result<void> finishRecording(Recording& recording, std::span<const DecodeRecord> records);

} // namespace switchyard::jobs
