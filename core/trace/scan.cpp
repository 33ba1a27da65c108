#include "core/trace/scan.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/base/in_order.h"
#include "core/trace/block_batch.h"
#include "core/trace/row_starts.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;

constexpr std::int64_t kShardTokens = 32768;
constexpr std::int64_t kMaxShards = 1024;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20; ///< read before analyzers take turns

/// Consecutive sequences that one set of clones reads.
struct Shard {
  std::int64_t first = 0;
  std::int64_t end = 0;
  std::int64_t tokens = 0;
};

/// Which tokens of a sequence are read.
struct TokenRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

TokenRange rangeOf(const ScanFilter& filter, const SequenceSize& size) {
  TokenRange range{.first = std::max<std::int64_t>(filter.firstToken, 0),
                   .last = std::min(size.rows, filter.lastToken.value_or(size.rows))};
  if (filter.phase == TokenPhase::Prompt)
    range.last = std::min(range.last, size.promptLength);
  if (filter.phase == TokenPhase::Generated)
    range.first = std::max(range.first, size.promptLength);
  range.last = std::max(range.first, range.last);
  return range;
}

/// Cuts the trace by its token counts alone, so that the shards are the same for any filter and
/// number of threads.
base::Result<std::vector<Shard>> cut(const Trace& trace) {
  const std::int64_t goal = std::max(kShardTokens, trace.tokens() / kMaxShards + 1);
  const auto starts = SY_TRY(rowStarts(trace));
  std::vector<Shard> shards;
  Shard open;
  for (std::int64_t index = 0; index < trace.sequences(); ++index) {
    const auto at = static_cast<std::size_t>(index);
    open.tokens += (*starts)[at + 1] - (*starts)[at];
    open.end = index + 1;
    if (open.tokens >= goal) {
      shards.push_back(open);
      open = {.first = index + 1, .end = index + 1, .tokens = 0};
    }
  }
  if (open.end > open.first)
    shards.push_back(open);
  return shards;
}

/// The shards of one part. Cut after the shards' tokens, so that parts are about equally long.
std::vector<Shard> partOf(const std::vector<Shard>& shards, const ScanPart& part) {
  std::int64_t total = 0;
  for (const Shard& shard : shards)
    total += shard.tokens;
  std::vector<Shard> mine;
  std::int64_t before = 0;
  for (const Shard& shard : shards) {
    // By the shard's middle.
    const std::int64_t at =
        (2 * before + shard.tokens) * part.count / std::max<std::int64_t>(2 * total, 1);
    if (std::min<std::int64_t>(at, part.count - 1) == part.index)
      mine.push_back(shard);
    before += shard.tokens;
  }
  return mine;
}

using Clones = std::vector<std::unique_ptr<Analyzer>>;

/// One running scan.
class Scan {
public:
  Scan(const std::shared_ptr<const Trace>& trace, std::span<Analyzer* const> analyzers,
       const ScanOptions& options, const base::RunControl& control)
      : m_trace(trace), m_analyzers(analyzers), m_options(options), m_control(control) {
    m_moeLayers = options.filter.moeLayers;
    if (m_moeLayers.empty())
      for (std::size_t i = 0; i < trace->meta().layers.size(); ++i)
        m_moeLayers.push_back(static_cast<int>(i));
    if (options.columns)
      m_columns = *options.columns;
    else
      for (const Analyzer* analyzer : analyzers)
        m_columns = m_columns | analyzer->wants();
  }

  base::Result<ScanSummary> run(const base::ThreadContext& threads);

private:
  base::Result<void> begin();
  base::Result<Clones> read(const Shard& shard);
  base::Result<void> readSequence(TraceReader& reader, std::int64_t index, const TokenRange& range,
                                  BlockBatch& batch, const Clones& clones);
  base::Result<void> hand(BlockBatch& batch, const Clones& clones);
  base::Result<std::unique_ptr<TraceReader>> takeReader();

  std::shared_ptr<const Trace> m_trace;
  std::span<Analyzer* const> m_analyzers;
  const ScanOptions& m_options;
  const base::RunControl& m_control;
  std::vector<int> m_moeLayers;
  std::vector<LayerInfo> m_layers; ///< those of m_moeLayers
  Columns m_columns;
  std::mutex m_readersMutex;
  std::vector<std::unique_ptr<TraceReader>> m_readers; ///< idle ones
  std::atomic<std::int64_t> m_sequences{0};
  std::atomic<std::int64_t> m_tokens{0};
};

base::Result<void> Scan::begin() {
  int previous = -1;
  for (const int layer : m_moeLayers) {
    if (layer <= previous || static_cast<std::size_t>(layer) >= m_trace->meta().layers.size())
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("MoE layer {} is not one of the trace's {} or comes twice",
                                    layer, m_trace->meta().layers.size()),
                        {.file = m_trace->path().string()});
    m_layers.push_back(m_trace->meta().layers[static_cast<std::size_t>(layer)]);
    previous = layer;
  }
  for (Analyzer* analyzer : m_analyzers)
    SY_TRY(analyzer->begin(m_layers));
  return {};
}

base::Result<std::unique_ptr<TraceReader>> Scan::takeReader() {
  {
    const std::lock_guard guard(m_readersMutex);
    if (!m_readers.empty()) {
      auto reader = std::move(m_readers.back());
      m_readers.pop_back();
      return reader;
    }
  }
  return m_trace->reader();
}

/// Gives every clone all blocks of the batch, one clone after the other, and empties it.
base::Result<void> Scan::hand(BlockBatch& batch, const Clones& clones) {
  for (const auto& clone : clones)
    SY_TRY(batch.forEach([&](const RoutingBlock& block) -> base::Result<void> {
      SY_TRY(m_control.check());
      return clone->add(block);
    }));
  batch.clear();
  return {};
}

base::Result<void> Scan::readSequence(TraceReader& reader, std::int64_t index,
                                      const TokenRange& range, BlockBatch& batch,
                                      const Clones& clones) {
  const SequenceInfo& info = batch.open(
      SY_TRY(reader.sequence(index, m_options.text ? SequenceText::Load : SequenceText::Skip)));
  SY_TRY(reader.forEachBlock(info, m_columns, m_moeLayers, range.first, range.last,
                             [&](const RoutingBlock& block) -> base::Result<void> {
                               SY_TRY(m_control.check());
                               batch.add(block);
                               return batch.bytes() < kBatchBytes ? base::Result<void>()
                                                                  : hand(batch, clones);
                             }));
  m_sequences += 1;
  m_tokens += range.last - range.first;
  return {};
}

/// The sequences of a shard that the filter lets pass by their index, as runs [first, end).
std::vector<std::pair<std::int64_t, std::int64_t>> runsOf(const Shard& shard,
                                                          const ScanFilter& filter) {
  if (!filter.index)
    return {{shard.first, shard.end}};
  std::vector<std::pair<std::int64_t, std::int64_t>> runs;
  for (std::int64_t index = shard.first; index < shard.end; ++index) {
    if (!filter.index(index))
      continue;
    if (!runs.empty() && runs.back().second == index)
      ++runs.back().second;
    else
      runs.emplace_back(index, index + 1);
  }
  return runs;
}

base::Result<Clones> Scan::read(const Shard& shard) {
  Clones clones;
  const auto runs = runsOf(shard, m_options.filter);
  if (runs.empty())
    return clones;
  for (const Analyzer* analyzer : m_analyzers) {
    clones.push_back(analyzer->cloneEmpty());
    SY_TRY(clones.back()->begin(m_layers));
  }
  auto reader = SY_TRY(takeReader());
  struct Wanted {
    std::int64_t index;
    TokenRange range;
  };
  std::vector<Wanted> wanted;
  const ScanFilter& filter = m_options.filter;
  for (const auto& [first, end] : runs)
    SY_TRY(reader->forEachSequence(
        first, end - first,
        [&](const SequenceInfo& info, const SequenceSize& size) -> base::Result<void> {
          const TokenRange range = rangeOf(filter, size);
          if (range.first < range.last && (!filter.sequence || filter.sequence(info)))
            wanted.push_back({.index = info.index, .range = range});
          return {};
        }));
  BlockBatch batch;
  for (const Wanted& each : wanted)
    SY_TRY(readSequence(*reader, each.index, each.range, batch, clones));
  SY_TRY(hand(batch, clones));
  const std::lock_guard guard(m_readersMutex);
  m_readers.push_back(std::move(reader));
  return clones;
}

std::string describe(const ScanFilter& filter, const std::vector<LayerInfo>& layers) {
  if (!filter.description.empty())
    return filter.description;
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (filter.sequence || filter.index)
    add("some sequences");
  if (!filter.moeLayers.empty()) {
    std::string list;
    for (const LayerInfo& layer : layers)
      list += fmt::format("{}{}", list.empty() ? "" : " ", layer.layer);
    add("layers " + list);
  }
  if (filter.phase != TokenPhase::All)
    add(filter.phase == TokenPhase::Prompt ? "prompt tokens" : "generated tokens");
  if (filter.firstToken > 0 || filter.lastToken)
    add(filter.lastToken
            ? fmt::format("positions {} to {}", filter.firstToken, *filter.lastToken - 1)
            : fmt::format("positions from {}", filter.firstToken));
  return text.empty() ? "all tokens" : text;
}

base::Result<ScanSummary> Scan::run(const base::ThreadContext& threads) {
  SY_TRY(begin());
  const std::vector<Shard> all = SY_TRY(cut(*m_trace));
  const std::vector<Shard> shards = partOf(all, m_options.part);
  std::int64_t done = 0, tokens = 0;
  for (const Shard& shard : shards)
    tokens += shard.tokens;
  const auto caller = std::this_thread::get_id();
  SY_TRY(base::produceInOrder<Clones>(
      threads, static_cast<std::int64_t>(shards.size()), std::int64_t{threads.threads()} + 1,
      [&](std::int64_t i) -> base::Result<Clones> {
        SY_TRY(m_control.check());
        return read(shards[static_cast<std::size_t>(i)]);
      },
      [&](std::int64_t i, Clones clones) -> base::Result<void> {
        for (std::size_t a = 0; a < clones.size(); ++a)
          SY_TRY(m_analyzers[a]->merge(*clones[a]));
        done += shards[static_cast<std::size_t>(i)].tokens;
        if (std::this_thread::get_id() == caller)
          m_control.report(done, tokens, "tokens");
        return {};
      }));
  return ScanSummary{
      .sequences = m_sequences, .tokens = m_tokens, .filter = describe(m_options.filter, m_layers)};
}

} // namespace

base::Result<ScanSummary> scan(const std::shared_ptr<const Trace>& trace,
                               std::span<Analyzer* const> analyzers,
                               const base::ThreadContext& threads, const ScanOptions& options,
                               const base::RunControl& control) {
  return Scan(trace, analyzers, options, control).run(threads);
}

} // namespace switchyard::trace
