#include "core/trace/recorder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/trace/staged_rows.h"

namespace switchyard::trace {
namespace {

using base::ErrorCode;
using hooks::RowInfo;

/// The rows of an event that belong to one sequence: they are consecutive in any batch.
struct RowRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

std::int32_t argmax(std::span<const float> values) {
  return static_cast<std::int32_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// Part of a [rows, width] span; empty stays empty.
template <typename Value>
std::span<const Value> part(std::span<const Value> values, std::size_t rows,
                            const RowRange& range) {
  if (range.count == rows || values.empty())
    return values; // decoding waits for this: no division
  const std::size_t width = values.size() / rows;
  return values.subspan(range.first * width, range.count * width);
}

} // namespace

std::string DroppedRows::describe() const {
  std::string text;
  const auto add = [&](std::int64_t rows, std::string_view what) {
    if (rows > 0)
      text += fmt::format("{}{} rows {}", text.empty() ? "" : ", ", rows, what);
  };
  add(otherSequence, "of other sequences");
  add(noSequence, "while no sequence was open");
  add(unknownLayer, "of layers that the trace does not list");
  add(abandoned, "of abandoned sequences");
  return text;
}

struct TraceRecorder::Impl {
  TraceWriter& writer;
  StagedRows staged;
  std::vector<int> moeLayerOf; ///< by position in the stack; -1: not in the trace
  DroppedRows dropped;

  std::optional<SequenceInfo> open;
  base::SequenceId id{0};
  std::vector<std::int32_t> seen;   ///< tokens of the rows of the first MoE layer
  std::vector<std::int64_t> routed; ///< rows so far, per MoE layer
  std::vector<std::int64_t> hidden; ///< per depth
  std::int64_t lmRows = 0;
  std::vector<std::int32_t> predicted;

  explicit Impl(TraceWriter& target) : writer(target), staged(target) {
    const std::vector<LayerInfo>& layers = writer.meta().layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto stack = static_cast<std::size_t>(layers[i].layer);
      if (moeLayerOf.size() <= stack)
        moeLayerOf.resize(stack + 1, -1);
      moeLayerOf[stack] = static_cast<int>(i);
    }
  }

  void reset() {
    open.reset();
    staged.clear();
    seen.clear();
    routed.assign(writer.meta().layers.size(), 0);
    hidden.assign(static_cast<std::size_t>(writer.meta().stackLayers) + 2, 0);
    lmRows = 0;
  }

  /// Our rows among those of an event; `due` is the position that the first must have.
  base::Result<RowRange> ours(std::span<const RowInfo> rows, std::int64_t due, bool count) {
    const auto mine = [&](const RowInfo& row) { return open && row.sequence == id; };
    const auto first = std::find_if(rows.begin(), rows.end(), mine);
    const auto last = std::find_if_not(first, rows.end(), mine);
    const RowRange range{.first = static_cast<std::size_t>(first - rows.begin()),
                         .count = static_cast<std::size_t>(last - first)};
    if (std::find_if(last, rows.end(), mine) != rows.end())
      return base::fail(ErrorCode::InvalidArgument,
                        "the rows of one sequence are not together in a batch");
    if (count)
      (open ? dropped.otherSequence : dropped.noSequence) +=
          static_cast<std::int64_t>(rows.size() - range.count);
    for (std::size_t i = 0; i < range.count; ++i) {
      const RowInfo& row = rows[range.first + i];
      const std::int64_t position = due + static_cast<std::int64_t>(i);
      if (row.position.value != position)
        return base::fail(
            ErrorCode::InvalidArgument,
            fmt::format("a row at position {} comes where {} is due", row.position.value, position),
            {.token = row.position});
      const auto at = static_cast<std::size_t>(position);
      const std::int32_t* announced = at < seen.size()           ? &seen[at]
                                      : at < open->tokens.size() ? &open->tokens[at]
                                                                 : nullptr;
      if (announced != nullptr && *announced != row.token.value)
        return base::fail(
            ErrorCode::InvalidArgument,
            fmt::format("token {} was run where {} was announced", row.token.value, *announced),
            {.token = row.position});
    }
    return range;
  }
};

TraceRecorder::TraceRecorder(TraceWriter& writer) : m_impl(std::make_unique<Impl>(writer)) {
  m_impl->reset();
}
TraceRecorder::~TraceRecorder() = default;

const DroppedRows& TraceRecorder::dropped() const {
  return m_impl->dropped;
}

hooks::PointSet TraceRecorder::wants() const {
  const Columns& columns = m_impl->writer.columns();
  hooks::PointSet wanted = hooks::Point::TopK | hooks::Point::Weights;
  if (columns.logits)
    wanted = wanted | hooks::Point::RouterLogits;
  if (columns.norms)
    wanted = wanted | hooks::Point::ExpertNorms;
  if (columns.hidden)
    wanted = wanted | hooks::Point::Hidden;
  if (columns.lmLogits || columns.predicted)
    wanted = wanted | hooks::Point::LmLogits;
  return wanted;
}

base::Result<void> TraceRecorder::beginSequence(SequenceInfo info, base::SequenceId id) {
  SY_TRY(m_impl->writer.beginSequence(info));
  m_impl->reset();
  if (info.promptLength == 0)
    info.promptLength = static_cast<std::int64_t>(info.tokens.size());
  m_impl->open = std::move(info);
  m_impl->id = id;
  return {};
}

base::Result<void> TraceRecorder::endSequence(std::span<const base::TokenId> unrun) {
  if (!m_impl->open)
    return base::fail(ErrorCode::InvalidArgument, "no sequence is open");
  SY_TRY(m_impl->staged.flush());
  std::vector<std::int32_t> tokens = m_impl->seen;
  const std::vector<std::int32_t>& announced = m_impl->open->tokens;
  if (announced.size() > tokens.size())
    tokens.insert(tokens.end(), announced.begin() + static_cast<std::ptrdiff_t>(tokens.size()),
                  announced.end());
  for (const base::TokenId token : unrun)
    tokens.push_back(token.value);
  SY_TRY(m_impl->writer.endSequence(tokens, m_impl->open->promptLength));
  m_impl->reset();
  return {};
}

base::Result<void> TraceRecorder::abandonSequence() {
  m_impl->dropped.abandoned += static_cast<std::int64_t>(m_impl->seen.size());
  m_impl->reset();
  return m_impl->writer.abandonSequence();
}

base::Result<void> TraceRecorder::onRouter(const hooks::RouterEvent& event) {
  const auto stack = static_cast<std::size_t>(event.layer.value);
  const int moeLayer = stack < m_impl->moeLayerOf.size() ? m_impl->moeLayerOf[stack] : -1;
  if (moeLayer < 0) {
    m_impl->dropped.unknownLayer += static_cast<std::int64_t>(event.rows.size());
    return {};
  }
  const LayerInfo& info = m_impl->writer.meta().layers[static_cast<std::size_t>(moeLayer)];
  if (event.experts != info.experts || event.k > info.k)
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("a layer of {} experts, top-{} emits where the trace has {}, "
                                  "top-{}",
                                  event.experts, event.k, info.experts, info.k),
                      {.layer = event.layer});
  std::int64_t& done = m_impl->routed[static_cast<std::size_t>(moeLayer)];
  const RowRange range = SY_TRY(m_impl->ours(event.rows, done, moeLayer == 0));
  if (range.count == 0)
    return {};
  const std::size_t rows = event.rows.size();
  const Columns& columns = m_impl->writer.columns();
  RoutingRows out{.rows = static_cast<std::int64_t>(range.count),
                  .ids = part(event.ids, rows, range)};
  if (columns.weights)
    out.weights = part(event.weights, rows, range);
  if (columns.logits)
    out.logits = part(event.logits, rows, range);
  if (columns.norms)
    out.norms = part(event.norms, rows, range);
  if (range.count == 1) {
    SY_TRY(m_impl->staged.add(moeLayer, out));
  } else {
    SY_TRY(m_impl->staged.flush());
    SY_TRY(m_impl->writer.addRouting(moeLayer, out));
  }
  if (moeLayer == 0)
    for (std::size_t i = 0; i < range.count; ++i)
      m_impl->seen.push_back(event.rows[range.first + i].token.value);
  done += out.rows;
  return {};
}

base::Result<void> TraceRecorder::onHidden(const hooks::HiddenEvent& event) {
  if (!m_impl->writer.columns().hidden)
    return {};
  if (event.index < 0 || static_cast<std::size_t>(event.index) >= m_impl->hidden.size())
    return base::fail(ErrorCode::InvalidArgument,
                      fmt::format("hidden states of depth {} of a model with {} layers",
                                  event.index, m_impl->writer.meta().stackLayers));
  std::int64_t& done = m_impl->hidden[static_cast<std::size_t>(event.index)];
  const RowRange range = SY_TRY(m_impl->ours(event.rows, done, false));
  const auto rows = static_cast<std::int64_t>(range.count);
  if (rows == 0)
    return {};
  SY_TRY(m_impl->writer.addHidden(event.index, rows, part(event.values, event.rows.size(), range)));
  done += rows;
  return {};
}

base::Result<void> TraceRecorder::onLmLogits(const hooks::LmLogitsEvent& event) {
  const Columns& columns = m_impl->writer.columns();
  if (!columns.lmLogits && !columns.predicted)
    return {};
  const RowRange range = SY_TRY(m_impl->ours(event.rows, m_impl->lmRows, false));
  const auto rows = static_cast<std::int64_t>(range.count);
  if (rows == 0)
    return {};
  const std::span<const float> logits = part(event.logits, event.rows.size(), range);
  if (logits.size() != range.count * static_cast<std::size_t>(event.vocabulary))
    return base::fail(ErrorCode::InvalidArgument, "next-token logits without values");
  if (columns.lmLogits)
    SY_TRY(m_impl->writer.addLmLogits(rows, logits));
  if (columns.predicted) {
    const auto width = static_cast<std::size_t>(event.vocabulary);
    m_impl->predicted.clear();
    for (std::size_t i = 0; i < range.count; ++i)
      m_impl->predicted.push_back(argmax(logits.subspan(i * width, width)));
    SY_TRY(m_impl->writer.addPredicted(m_impl->predicted));
  }
  m_impl->lmRows += rows;
  return {};
}

} // namespace switchyard::trace
