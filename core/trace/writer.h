#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "core/base/error.h"
#include "core/base/progress.h"
#include "core/trace/columns.h"
#include "core/trace/meta.h"

namespace switchyard::trace {

struct WriterOptions {
  /// Bound on rows buffered in this process (SQLite's 8 MiB page cache comes on top).
  std::uint64_t memoryBytes = 256u << 20;
  /// Whole chunks are committed once this much is uncommitted or this long has passed; what is
  /// committed survives a kill, and a power loss up to the last checkpoint.
  std::uint64_t commitBytes = 64u << 20;
  std::chrono::milliseconds commitEvery{1000};
  /// create() only: replace a trace that is there. Refused for a file that is not a trace.
  bool overwrite = false;
};

/// Consecutive rows of one sequence at one MoE layer. Spans of columns that are not recorded must
/// be empty, those that are must have rows * (k or E) values.
struct RoutingRows {
  std::int64_t rows = 0;
  std::span<const std::int32_t> ids{}; ///< [rows, k]; negative (hooks::kNoExpert) = unused slot
  std::span<const float> weights{};    ///< [rows, k]
  std::span<const float> logits{};     ///< [rows, E]
  std::span<const float> norms{};      ///< [rows, k]
};

enum class RecordingState { Absent, Incomplete, Complete };

/// What is at `path`. Errors: those of Trace::open, e.g. InvalidFormat for a file of another kind.
base::Result<RecordingState> recordingState(const std::filesystem::path& path);

/// Records sequences, one after the other, into a `.swy` file (format.md). While recording, `path`
/// is a valid incomplete trace with its -wal beside it and `path`.lock held against second writers;
/// finish() replaces it in one step by the final single file. The bytes of the final file depend on
/// what was recorded only: not on how rows were grouped into calls, on commits, on interruptions,
/// or on threads.
///
/// Used by one thread at a time. Once a call has failed with Io or Corrupt, every later one gives
/// the same error; the file is valid up to the last commit. Destroying an unfinished writer keeps
/// what was committed: call stop() first to keep every finished sequence.
class TraceWriter {
public:
  /// Starts a new recording. Errors: InvalidArgument if `path` exists and overwrite was not asked
  /// for, if it is being recorded by someone else, or if meta is contradictory (LayerInfo out of
  /// range, text not UTF-8); LimitExceeded if memoryBytes cannot hold one chunk of each column (the
  /// message says what is needed); Io.
  static base::Result<std::unique_ptr<TraceWriter>> create(const std::filesystem::path& path,
                                                           const TraceMeta& meta, Columns columns,
                                                           const WriterOptions& options = {});
  /// Continues an incomplete recording after its last finished sequence (rows of an unfinished one
  /// are removed), or starts one if nothing is there. Errors: as create(); InvalidArgument if it is
  /// complete or was recorded with another model, prompts, options or columns (the message names
  /// the difference); Unsupported if a newer version wrote it; Corrupt if its meta data are
  /// damaged.
  static base::Result<std::unique_ptr<TraceWriter>> resume(const std::filesystem::path& path,
                                                           const TraceMeta& meta, Columns columns,
                                                           const WriterOptions& options = {});
  ~TraceWriter();

  std::int64_t sequences() const; ///< finished; the index that the next sequence must have
  std::int64_t tokens() const;    ///< of finished sequences
  const TraceMeta& meta() const;
  const Columns& columns() const;

  /// Opens a sequence. info.index must equal sequences(); info.tokens is ignored (endSequence()
  /// gives them). Errors: InvalidArgument, also for an id, source or label that is not UTF-8
  /// (the text may be any bytes).
  base::Result<void> beginSequence(const SequenceInfo& info);
  /// Appends rows at MoE layer `moeLayer` (index into meta().layers); row 0 of the first call is
  /// token 0. Layers may be in any order and differ in how far they are.
  /// An expert that is selected twice in a row of ids is stored as given (checkTrace finds it).
  /// Errors: InvalidArgument (shape, id >= E, no sequence open), LimitExceeded (one layer ran so
  /// far ahead of the others that memoryBytes would be passed, or a sequence is too long), Io.
  base::Result<void> addRouting(int moeLayer, const RoutingRows& rows);
  /// values [rows, hidden] of depth 0..stackLayers+1: the residual stream entering layer `depth`,
  /// leaving the last layer (stackLayers), after the final norm (stackLayers + 1).
  base::Result<void> addHidden(int depth, std::int64_t rows, std::span<const float> values);
  base::Result<void> addLmLogits(std::int64_t rows, std::span<const float> values);
  base::Result<void> addPredicted(std::span<const std::int32_t> tokens);
  /// values [rows, figures] in the order of meta().figures; row 0 of the first call belongs to the
  /// first generated token. NaN: nothing was recorded.
  base::Result<void> addFigures(std::int64_t rows, std::span<const float> values);
  /// values [rows, vocabulary] of log-probabilities (nats) that generated tokens were chosen from;
  /// row 0 of the first call belongs to the first of them. which: 0 those of the text's own pass, 1
  /// those of the decoder's other pass. NaN: there was none.
  base::Result<void> addDistribution(int which, std::int64_t rows, std::span<const float> values);
  /// Closes the sequence: `tokens` are its ids, prompt then generated. Every column must have the
  /// same number of rows, at most tokens.size(), figures and distributions one for each generated
  /// token. Errors: InvalidArgument naming column and layer.
  base::Result<void> endSequence(std::span<const std::int32_t> tokens, std::int64_t promptLength);
  /// Forgets the open sequence, e.g. after its pass failed. No sequence open: does nothing.
  base::Result<void> abandonSequence();

  /// Makes every finished sequence durable now, whatever the commit policy says.
  base::Result<void> commit();
  /// Abandons the open sequence, commits and closes: an incomplete trace that resume() continues.
  base::Result<void> stop();
  /// Verifies every chunk, marks the trace complete and replaces the recording by the final file:
  /// written beside it in canonical order, synced, renamed. Needs as much free disk space as the
  /// trace has. No sequence may be open. The writer is closed after it; on error the recording is
  /// kept and can be resumed. Progress counts "sequences". Errors: InvalidArgument, Io, Corrupt,
  /// Cancelled.
  base::Result<void> finish(const base::RunControl& control = {});

  struct Impl;

private:
  explicit TraceWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

} // namespace switchyard::trace
