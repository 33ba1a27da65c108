#include "app/jobs/recording.h"

namespace switchyard::jobs {

base::Result<Recording> startRecording(const std::filesystem::path& path,
                                       const trace::TraceMeta& meta, const trace::Columns& columns,
                                       const std::string& id, const std::string& text,
                                       std::span<const base::TokenId> prompt) {
  Recording recording;
  recording.writer = SY_TRY(trace::TraceWriter::create(path, meta, columns));
  recording.recorder = std::make_unique<trace::TraceRecorder>(*recording.writer);
  trace::SequenceInfo info;
  info.id = id;
  info.text = text;
  info.promptLength = static_cast<std::int64_t>(prompt.size());
  for (const base::TokenId token : prompt)
    info.tokens.push_back(token.value);
  SY_TRY(recording.recorder->beginSequence(std::move(info)));
  return recording;
}

base::Result<void> finishRecording(Recording& recording, std::span<const DecodeRecord> records) {
  SY_TRY(addRecords(*recording.writer, records));
  SY_TRY(recording.recorder->endSequence());
  return recording.writer->finish();
}

} // namespace switchyard::jobs
