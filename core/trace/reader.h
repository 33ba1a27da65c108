#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/trace/block.h"
#include "core/trace/columns.h"
#include "core/trace/meta.h"

namespace switchyard::trace {

/// A sequence without its text, labels and tokens.
struct SequenceSize {
  std::int64_t tokens = 0;
  std::int64_t promptLength = 0;
  std::int64_t rows = 0; ///< tokens with routing; the first rows of `tokens`
};

enum class SequenceText : std::uint8_t { Skip, Load };

class TraceReader;

/// A `.swy` file opened for reading. Immutable facts only; reader() gives cursors for the rows.
/// Opening reads the meta data and no more: its cost does not grow with tokens. The file is taken
/// as foreign: opened read-only, its schema compared with the expected one, triggers, views and
/// trusted functions off, every chunk's checksum verified when it is read.
/// Const functions are safe to call from any thread.
class Trace : public std::enable_shared_from_this<Trace> {
public:
  /// Errors: NotFound, Io; InvalidFormat if it is not a Switchyard trace or its schema is not ours;
  /// Unsupported if it needs a newer reader; Corrupt if its meta data fail their checksum.
  static base::Result<std::shared_ptr<const Trace>> open(const std::filesystem::path& path);
  ~Trace();

  const std::filesystem::path& path() const;
  const TraceMeta& meta() const;
  const Columns& columns() const;  ///< what was recorded
  std::int64_t sequences() const;  ///< finished ones; index 0..sequences()-1
  std::int64_t tokens() const;     ///< of all finished sequences
  std::uint64_t fileBytes() const; ///< with the -wal of an incomplete one
  bool complete() const;           ///< false: recording was interrupted or goes on
  /// What a user should be told: "recovered up to sequence 12: ...", "written by a newer version,
  /// opened read-only"; empty when there is nothing to say.
  const std::vector<std::string>& notices() const;
  /// Identifies the content: hex digest of the meta data, which cover the inputs and the counts.
  const std::string& id() const;

  /// A cursor of its own over the same file (as it was when opened, as long as it is complete).
  /// Errors: Io.
  base::Result<std::unique_ptr<TraceReader>> reader() const;

  struct Impl;

private:
  explicit Trace(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

/// Reads rows of a trace: one connection and a cache of the chunks read last (16 MiB, or one chunk
/// if that is larger). Used by one thread at a time; make one per thread. Keeps its trace alive.
/// Errors of every function: InvalidArgument (index, range, column not recorded, buffer size),
/// Corrupt (checksum, missing chunk; names sequence and layer), Io.
class TraceReader {
public:
  ~TraceReader();
  const Trace& trace() const;

  base::Result<SequenceSize> size(std::int64_t sequence);
  /// Labels, tokens and, if asked for, the prompt text.
  base::Result<SequenceInfo> sequence(std::int64_t sequence,
                                      SequenceText text = SequenceText::Load);
  /// Calls `visit` for sequences [first, first + count) in order, reading only sizes, ids and
  /// labels (text and tokens stay empty). An error of `visit` ends the loop and is returned.
  base::Result<void> forEachSequence(
      std::int64_t first, std::int64_t count,
      const std::function<base::Result<void>(const SequenceInfo&, const SequenceSize&)>& visit);

  /// Rows [firstToken, firstToken + rows) of a sequence at a MoE layer, into a buffer of the exact
  /// size: ids, weights, norms [rows, k]; logits [rows, E].
  base::Result<void> ids(std::int64_t sequence, int moeLayer, std::int64_t firstToken,
                         std::int64_t rows, std::span<std::uint16_t> out);
  base::Result<void> weights(std::int64_t sequence, int moeLayer, std::int64_t firstToken,
                             std::int64_t rows, std::span<float> out);
  base::Result<void> logits(std::int64_t sequence, int moeLayer, std::int64_t firstToken,
                            std::int64_t rows, std::span<float> out);
  base::Result<void> norms(std::int64_t sequence, int moeLayer, std::int64_t firstToken,
                           std::int64_t rows, std::span<float> out);
  /// [rows, hidden] at depth 0..stackLayers+1 (TraceWriter::addHidden).
  base::Result<void> hidden(std::int64_t sequence, int depth, std::int64_t firstToken,
                            std::int64_t rows, std::span<float> out);
  /// [rows, vocabulary]
  base::Result<void> lmLogits(std::int64_t sequence, std::int64_t firstToken, std::int64_t rows,
                              std::span<float> out);
  /// [rows]
  base::Result<void> predicted(std::int64_t sequence, std::int64_t firstToken, std::int64_t rows,
                               std::span<std::int32_t> out);
  /// [rows, figures] of the generated tokens from promptLength + firstRow on, in the order of
  /// TraceMeta::figures; NaN: nothing was recorded.
  base::Result<void> figures(std::int64_t sequence, std::int64_t firstRow, std::int64_t rows,
                             std::span<float> out);
  /// [rows, vocabulary] of the generated tokens from promptLength + firstRow on: log-probabilities
  /// that they were chosen from (TraceWriter::addDistribution).
  base::Result<void> distribution(std::int64_t sequence, int which, std::int64_t firstRow,
                                  std::int64_t rows, std::span<float> out);

  /// Visits the routing of one sequence in the order that analyzers demand: ranges of tokens in
  /// order, for each range the MoE layers in order. Ranges end at multiples of kBlockTokens.
  /// info: as sequence() gave it. columns: those wanted; others, and those not recorded, stay
  /// empty. moeLayers: ascending; empty = all. [firstToken, lastToken): rows outside are not read.
  base::Result<void>
  forEachBlock(const SequenceInfo& info, const Columns& columns, std::span<const int> moeLayers,
               std::int64_t firstToken, std::int64_t lastToken,
               const std::function<base::Result<void>(const RoutingBlock&)>& visit);
  static constexpr std::int64_t kBlockTokens = 1024;

  struct Impl;

private:
  friend class Trace;
  explicit TraceReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

} // namespace switchyard::trace
