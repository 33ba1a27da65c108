#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/hooks/observer.h"
#include "core/trace/writer.h"

namespace switchyard::trace {

/// What a recorder has seen but not written. Everything is zero in an ordinary capture.
struct DroppedRows {
  std::int64_t otherSequence = 0; ///< rows of sequences it was not asked to record
  std::int64_t noSequence = 0;    ///< rows that came while no sequence was open
  std::int64_t unknownLayer = 0;  ///< rows of layers that the trace's meta does not list
  std::int64_t abandoned = 0;     ///< rows (of the first MoE layer) of abandoned sequences

  std::int64_t total() const { return otherSequence + noSequence + unknownLayer + abandoned; }
  /// "12 rows of other sequences, ..."; empty when nothing was dropped.
  std::string describe() const;
};

/// Writes what a session emits into a trace, one sequence at a time. Passes may have any number of
/// rows; the bytes written do not depend on it. Used by the thread that runs the session.
class TraceRecorder final : public hooks::Observer {
public:
  explicit TraceRecorder(TraceWriter& writer);
  ~TraceRecorder() override;

  /// Opens a sequence; rows whose RowInfo::sequence is `id` belong to it. info.index must be
  /// writer.sequences(). info.tokens may be empty, the prompt, or all tokens: rows are compared
  /// with those given and may go beyond them (generated tokens).
  base::Result<void> beginSequence(SequenceInfo info, base::SequenceId id = base::SequenceId{0});
  /// Closes it. Its tokens are those of the rows seen, followed by `unrun`: tokens that were chosen
  /// but never run, so that they have no rows. Prompt tokens given to beginSequence but never run
  /// count as unrun too. promptLength 0 in `info` means: all of info.tokens.
  base::Result<void> endSequence(std::span<const base::TokenId> unrun = {});
  /// Forgets the open sequence (a pass failed or was cancelled).
  base::Result<void> abandonSequence();

  const DroppedRows& dropped() const;

  hooks::PointSet wants() const override;
  /// Errors: InvalidArgument if positions are not consecutive from 0, a token differs from the one
  /// announced, or a wanted span is empty; and those of TraceWriter, which for passes of one
  /// row may come later, with endSequence() at latest.
  base::Result<void> onRouter(const hooks::RouterEvent& event) override;
  base::Result<void> onHidden(const hooks::HiddenEvent& event) override;
  base::Result<void> onLmLogits(const hooks::LmLogitsEvent& event) override;

private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

} // namespace switchyard::trace
