#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "core/base/checked.h"
#include "core/trace/reader_impl.h"

namespace switchyard::trace {

using base::ErrorCode;

TraceReader::TraceReader(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
TraceReader::~TraceReader() = default;

base::Result<void> TraceReader::Impl::mustHave(std::int64_t sequence) const {
  if (sequence < 0 || sequence >= facts->content.sequences)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("the trace has {} sequences, {} is none of them",
                                  facts->content.sequences, sequence),
                      {.file = facts->path.string()});
  return {};
}

base::Result<const SequenceRow*> TraceReader::Impl::rowOf(std::int64_t sequence) {
  if (row.info.index == sequence)
    return &row;
  SY_TRY(mustHave(sequence));
  row.info.index = -1;
  database.setFuse(kLookupFuse);
  selectSequence.bind(1, sequence);
  selectSequence.bind(2, sequence + 1);
  auto found = [&]() -> base::Result<SequenceRow> {
    if (!SY_TRY(selectSequence.step()))
      return base::fail(ErrorCode::Corrupt, fmt::format("sequence {} is missing", sequence));
    return readSequence(selectSequence, facts->content.hashSeed);
  }();
  selectSequence.reset();
  if (!found) {
    found.error().where.file = facts->path.string();
    return tl::unexpected(found.error());
  }
  row = std::move(*found);
  return &row;
}

base::Result<std::span<const std::byte>> TraceReader::Impl::chunk(const ExpectedChunk& which) {
  const std::int64_t key = which.key.pack();
  if (const auto* cached = cache.find(key))
    return std::span<const std::byte>(*cached);
  database.setFuse(kLookupFuse);
  auto decoded = [&]() -> base::Result<std::span<const std::byte>> {
    const auto found = SY_TRY(chunks->find(key, which.decodedBytes()));
    if (!found)
      return base::fail(ErrorCode::Corrupt, "a chunk is missing");
    const EncodedChunk& stored = *found;
    if (stored.rows != which.rows)
      return base::fail(ErrorCode::Corrupt,
                        fmt::format("a chunk has {} rows instead of {}", stored.rows, which.rows));
    std::vector<std::byte>& out = cache.insert(key, static_cast<std::size_t>(which.decodedBytes()));
    SY_TRY(decoder.decode(*which.column, *which.group, facts->content.meta, stored, out));
    if (!idsInRange(*which.column, *which.group, facts->content.meta, which.rows, out))
      return base::fail(ErrorCode::Corrupt, "a stored id is not an expert of its layer");
    return std::span<const std::byte>(out);
  }();
  if (!decoded) {
    cache.remove(key);
    base::Error& error = decoded.error();
    error.message = fmt::format("sequence {}, column {}, rows from {}: {}", which.key.sequence,
                                name(which.key.kind), which.key.number * which.group->rowsPerChunk,
                                error.message);
    error.where.file = facts->path.string();
  }
  return decoded;
}

base::Result<void> TraceReader::Impl::copy(ChunkKind kind, const SequenceRow& sequence, int layer,
                                           std::int64_t first, std::int64_t rows,
                                           std::span<std::byte> out) {
  const ColumnLayout& column = *facts->content.layout.find(kind);
  const int g = column.groupOfLayer[static_cast<std::size_t>(layer)];
  const LayerGroup& group = column.groups[static_cast<std::size_t>(g)];
  const std::int64_t rowBytes =
      column.widths[static_cast<std::size_t>(layer)] * column.elementBytes;
  std::int64_t layersBefore = 0; // bytes per row of the group's layers before this one
  for (int l = group.firstLayer; l < layer; ++l)
    layersBefore += column.widths[static_cast<std::size_t>(l)] * column.elementBytes;
  std::byte* to = out.data();
  const std::int64_t total = rowsOf(sequence, kind);
  for (std::int64_t at = first; at < first + rows;) {
    const std::int64_t number = at / group.rowsPerChunk;
    const std::int64_t base = number * group.rowsPerChunk;
    const ExpectedChunk which{
        .key = {.sequence = sequence.info.index, .kind = kind, .group = g, .number = number},
        .column = &column,
        .group = &group,
        .rows = std::min(group.rowsPerChunk, total - base)};
    if (number >= ChunkKey::kMaxNumber)
      return base::fail(ErrorCode::Corrupt, "a sequence is longer than the format allows");
    const std::span<const std::byte> data = SY_TRY(chunk(which));
    const std::int64_t end = std::min(first + rows, base + which.rows);
    const auto bytes = static_cast<std::size_t>((end - at) * rowBytes);
    std::memcpy(to, data.data() + layersBefore * which.rows + (at - base) * rowBytes, bytes);
    to += bytes;
    at = end;
  }
  return {};
}

template <typename Value>
base::Result<void> TraceReader::Impl::read(ChunkKind kind, std::int64_t sequence, int layer,
                                           std::int64_t first, std::int64_t rows,
                                           std::span<Value> out) {
  const SequenceRow* row = SY_TRY(rowOf(sequence));
  const ColumnLayout* column = facts->content.layout.find(kind);
  const auto wrong = [&](std::string what) {
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("sequence {}, column {}: {}", sequence, name(kind), what),
                      {.file = facts->path.string()});
  };
  if (column == nullptr)
    return wrong("was not recorded");
  if (layer < 0 || static_cast<std::size_t>(layer) >= column->widths.size())
    return wrong(fmt::format("there is no layer {}", layer));
  const std::int64_t there = rowsOf(*row, kind);
  if (first < 0 || rows < 0 || first > there || rows > there - first)
    return wrong(fmt::format("rows {} to {} of {} asked for", first, first + rows, there));
  const auto values =
      base::checkedMul<std::int64_t>(rows, column->widths[static_cast<std::size_t>(layer)]);
  if (!values || static_cast<std::int64_t>(out.size()) != *values)
    return wrong(fmt::format("a buffer of {} values for {} rows", out.size(), rows));
  return copy(kind, *row, layer, first, rows, std::as_writable_bytes(out));
}

const Trace& TraceReader::trace() const {
  return *m_impl->trace;
}

base::Result<SequenceSize> TraceReader::size(std::int64_t sequence) {
  const SequenceRow* row = SY_TRY(m_impl->rowOf(sequence));
  return SequenceSize{
      .tokens = row->tokens, .promptLength = row->info.promptLength, .rows = row->rows};
}

base::Result<SequenceInfo> TraceReader::sequence(std::int64_t sequence, SequenceText text) {
  const SequenceRow* row = SY_TRY(m_impl->rowOf(sequence));
  SequenceInfo info = row->info;
  // Grows chunk by chunk, so that a length that is a lie ends at the first missing chunk.
  const auto load = [&](ChunkKind kind, std::int64_t count, auto& into) -> base::Result<void> {
    using Value = typename std::decay_t<decltype(into)>::value_type;
    const LayerGroup& group = m_impl->facts->content.layout.find(kind)->groups.front();
    for (std::int64_t at = 0; at < count; at += group.rowsPerChunk) {
      const std::int64_t rows = std::min(group.rowsPerChunk, count - at);
      into.resize(static_cast<std::size_t>(at + rows));
      SY_TRY(m_impl->copy(
          kind, *row, 0, at, rows,
          std::as_writable_bytes(std::span<Value>(into).subspan(static_cast<std::size_t>(at)))));
    }
    return {};
  };
  SY_TRY(load(ChunkKind::Tokens, row->tokens, info.tokens));
  if (text == SequenceText::Load)
    SY_TRY(load(ChunkKind::Text, row->textBytes, info.text));
  return info;
}

base::Result<void> TraceReader::forEachSequence(
    std::int64_t first, std::int64_t count,
    const std::function<base::Result<void>(const SequenceInfo&, const SequenceSize&)>& visit) {
  if (count == 0)
    return {};
  SY_TRY(m_impl->mustHave(first));
  if (count < 0 || count > m_impl->facts->content.sequences - first)
    return m_impl->mustHave(first + count);
  sql::Statement& select = m_impl->selectSequences;
  select.bind(1, first);
  select.bind(2, first + count);
  auto visited = [&]() -> base::Result<void> {
    for (std::int64_t i = first; i < first + count; ++i) {
      m_impl->database.setFuse(kLookupFuse);
      if (!SY_TRY(select.step()) || select.integer(0) != i)
        return base::fail(ErrorCode::Corrupt, fmt::format("sequence {} is missing", i),
                          {.file = m_impl->facts->path.string()});
      const SequenceRow row = SY_TRY(readSequence(select, m_impl->facts->content.hashSeed));
      SY_TRY(
          visit(row.info,
                {.tokens = row.tokens, .promptLength = row.info.promptLength, .rows = row.rows}));
    }
    return {};
  }();
  select.reset();
  return visited;
}

base::Result<void> TraceReader::ids(std::int64_t sequence, int moeLayer, std::int64_t firstToken,
                                    std::int64_t rows, std::span<std::uint16_t> out) {
  return m_impl->read(ChunkKind::Ids, sequence, moeLayer, firstToken, rows, out);
}

base::Result<void> TraceReader::weights(std::int64_t sequence, int moeLayer,
                                        std::int64_t firstToken, std::int64_t rows,
                                        std::span<float> out) {
  return m_impl->read(ChunkKind::Weights, sequence, moeLayer, firstToken, rows, out);
}

base::Result<void> TraceReader::logits(std::int64_t sequence, int moeLayer, std::int64_t firstToken,
                                       std::int64_t rows, std::span<float> out) {
  return m_impl->read(ChunkKind::Logits, sequence, moeLayer, firstToken, rows, out);
}

base::Result<void> TraceReader::norms(std::int64_t sequence, int moeLayer, std::int64_t firstToken,
                                      std::int64_t rows, std::span<float> out) {
  return m_impl->read(ChunkKind::Norms, sequence, moeLayer, firstToken, rows, out);
}

base::Result<void> TraceReader::hidden(std::int64_t sequence, int depth, std::int64_t firstToken,
                                       std::int64_t rows, std::span<float> out) {
  return m_impl->read(ChunkKind::Hidden, sequence, depth, firstToken, rows, out);
}

base::Result<void> TraceReader::lmLogits(std::int64_t sequence, std::int64_t firstToken,
                                         std::int64_t rows, std::span<float> out) {
  return m_impl->read(ChunkKind::LmLogits, sequence, 0, firstToken, rows, out);
}

base::Result<void> TraceReader::predicted(std::int64_t sequence, std::int64_t firstToken,
                                          std::int64_t rows, std::span<std::int32_t> out) {
  return m_impl->read(ChunkKind::Predicted, sequence, 0, firstToken, rows, out);
}

base::Result<void> TraceReader::figures(std::int64_t sequence, std::int64_t firstRow,
                                        std::int64_t rows, std::span<float> out) {
  return m_impl->read(ChunkKind::Figures, sequence, 0, firstRow, rows, out);
}

base::Result<void> TraceReader::distribution(std::int64_t sequence, int which,
                                             std::int64_t firstRow, std::int64_t rows,
                                             std::span<float> out) {
  return m_impl->read(ChunkKind::Distributions, sequence, which, firstRow, rows, out);
}

} // namespace switchyard::trace
