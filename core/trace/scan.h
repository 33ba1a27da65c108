#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/trace/analyzer.h"
#include "core/trace/reader.h"

namespace switchyard::trace {

enum class TokenPhase : std::uint8_t { All, Prompt, Generated };

/// Which part of a trace is read. Defaults: everything.
struct ScanFilter {
  /// Sees the index of a sequence before anything of it is read. Called from several threads.
  std::function<bool(std::int64_t)> index{};
  /// Sees id, source, labels and promptLength (no text, no tokens). Called from several threads.
  std::function<bool(const SequenceInfo&)> sequence{};
  std::vector<int> moeLayers{}; ///< ascending indices into meta().layers; empty = all
  TokenPhase phase = TokenPhase::All;
  std::int64_t firstToken = 0; ///< positions [firstToken, lastToken) of each sequence
  std::optional<std::int64_t> lastToken{};
  std::string description{}; ///< in words, for Provenance::filter; empty: made from the rest
};

/// One of `count` about equally long runs of consecutive sequences, for processes that share a
/// trace. Analyzers of all parts, merged in order, equal one scan of the whole.
struct ScanPart {
  int index = 0; ///< 0..count-1
  int count = 1;
};

struct ScanOptions {
  ScanPart part{};
  ScanFilter filter{};
  /// What blocks carry, where recorded. Unset: what the analyzers say they want.
  std::optional<Columns> columns{};
  bool text = false; ///< load SequenceInfo::text too
};

struct ScanSummary {
  std::int64_t sequences = 0; ///< that had rows in the filter
  std::int64_t tokens = 0;    ///< rows of the first layer read
  std::string filter;         ///< for Provenance::filter
};

/// Runs analyzers over one pass of a trace on all threads. begin() is called on each with the
/// layers that are read. The sequences are cut into shards that depend on the trace only; each
/// shard goes to fresh clones, merged in order, so results are the same bytes for any number of
/// threads. At most threads() sets of clones are alive. Progress counts "tokens" (of the part).
/// Errors: the analyzers', the reader's, Cancelled (the analyzers then hold the shards merged so
/// far), InvalidArgument for a layer that the trace has not.
base::Result<ScanSummary> scan(const std::shared_ptr<const Trace>& trace,
                               std::span<Analyzer* const> analyzers,
                               const base::ThreadContext& threads, const ScanOptions& options = {},
                               const base::RunControl& control = {});

} // namespace switchyard::trace
