#include "core/trace/layout.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace switchyard::trace {
namespace {

using base::ErrorCode;

constexpr std::int64_t kGroupRowBytes = 4 << 10;
constexpr std::int64_t kChunkBytes = 2 << 20;
constexpr std::int64_t kChunkRows = 8192;
constexpr std::int64_t kTextBytes = 1 << 20;

ColumnLayout column(ChunkKind kind, int elementBytes, std::vector<std::int64_t> widths) {
  ColumnLayout layout;
  layout.kind = kind;
  layout.elementBytes = elementBytes;
  layout.widths = std::move(widths);
  return layout;
}

/// The columns with their shapes, not yet grouped.
std::vector<ColumnLayout> shapes(const TraceMeta& meta, const Columns& columns) {
  std::vector<std::int64_t> slots, experts;
  for (const LayerInfo& layer : meta.layers) {
    slots.push_back(layer.k);
    experts.push_back(layer.experts);
  }
  std::vector<ColumnLayout> all;
  all.push_back(column(ChunkKind::Text, 1, {1}));
  all.push_back(column(ChunkKind::Tokens, 4, {1}));
  all.push_back(column(ChunkKind::Ids, 2, slots));
  if (columns.weights)
    all.push_back(column(ChunkKind::Weights, 4, slots));
  if (columns.logits)
    all.push_back(column(ChunkKind::Logits, 4, experts));
  if (columns.norms)
    all.push_back(column(ChunkKind::Norms, 4, slots));
  if (columns.hidden)
    all.push_back(column(
        ChunkKind::Hidden, 4,
        std::vector<std::int64_t>(static_cast<std::size_t>(meta.stackLayers) + 2, meta.hidden)));
  if (columns.lmLogits)
    all.push_back(column(ChunkKind::LmLogits, 4, {meta.vocabulary}));
  if (columns.predicted)
    all.push_back(column(ChunkKind::Predicted, 4, {1}));
  if (!meta.figures.empty())
    all.push_back(column(ChunkKind::Figures, 4, {static_cast<std::int64_t>(meta.figures.size())}));
  if (columns.distributions)
    all.push_back(column(ChunkKind::Distributions, 4, {meta.vocabulary, meta.vocabulary}));
  return all;
}

void addGroup(ColumnLayout& layout, int layers, std::int64_t rows) {
  LayerGroup group{.firstLayer = static_cast<int>(layout.groupOfLayer.size()),
                   .layers = layers,
                   .rowsPerChunk = rows,
                   .rowBytes = 0};
  for (int l = 0; l < layers; ++l) {
    group.rowBytes += layout.widths[layout.groupOfLayer.size()] * layout.elementBytes;
    layout.groupOfLayer.push_back(static_cast<int>(layout.groups.size()));
  }
  layout.groups.push_back(group);
}

void groupByRule(ColumnLayout& layout) {
  if (layout.kind == ChunkKind::Text)
    return addGroup(layout, 1, kTextBytes);
  std::size_t layer = 0;
  while (layer < layout.widths.size()) {
    std::size_t end = layer;
    std::int64_t rowBytes = 0;
    while (end < layout.widths.size()) {
      const std::int64_t more = layout.widths[end] * layout.elementBytes;
      if (end > layer && rowBytes + more > kGroupRowBytes)
        break;
      rowBytes += more;
      ++end;
    }
    addGroup(layout, static_cast<int>(end - layer),
             std::clamp<std::int64_t>(kChunkBytes / rowBytes, 1, kChunkRows));
    layer = end;
  }
}

/// Takes "<number>" off the front of `text`.
std::optional<std::int64_t> takeNumber(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value <= 0)
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected))
    return false;
  text.remove_prefix(expected.size());
  return true;
}

/// Takes " 8x512 8x512" off the front of `text`.
bool takeGroups(std::string_view& text, ColumnLayout& layout) {
  while (layout.groupOfLayer.size() < layout.widths.size()) {
    if (!take(text, " "))
      return false;
    const auto layers = takeNumber(text);
    if (!layers || !take(text, "x"))
      return false;
    const auto rows = takeNumber(text);
    const auto left = static_cast<std::int64_t>(layout.widths.size() - layout.groupOfLayer.size());
    if (!rows || *layers > left || *rows > Layout::kMaxChunkBytes)
      return false;
    addGroup(layout, static_cast<int>(*layers), *rows);
    if (layout.groups.back().rowBytes > Layout::kMaxChunkBytes / *rows)
      return false;
  }
  return true;
}

} // namespace

std::string_view name(ChunkKind kind) {
  switch (kind) {
  case ChunkKind::Text:
    return "text";
  case ChunkKind::Tokens:
    return "tokens";
  case ChunkKind::Ids:
    return "ids";
  case ChunkKind::Weights:
    return "weights";
  case ChunkKind::Logits:
    return "logits";
  case ChunkKind::Norms:
    return "norms";
  case ChunkKind::Hidden:
    return "hidden";
  case ChunkKind::LmLogits:
    return "lm-logits";
  case ChunkKind::Predicted:
    return "predicted";
  case ChunkKind::Figures:
    return "figures";
  case ChunkKind::Distributions:
    return "distributions";
  }
  return "unknown";
}

Layout Layout::forWriting(const TraceMeta& meta, const Columns& columns) {
  Layout layout;
  layout.m_columns = shapes(meta, columns);
  for (ColumnLayout& each : layout.m_columns)
    groupByRule(each);
  return layout;
}

base::Result<Layout> Layout::parse(std::string_view text, const TraceMeta& meta,
                                   const Columns& columns) {
  Layout layout;
  layout.m_columns = shapes(meta, columns);
  for (ColumnLayout& each : layout.m_columns)
    if (!take(text, name(each.kind)) || !takeGroups(text, each) || !take(text, ";"))
      return base::fail(ErrorCode::InvalidFormat,
                        fmt::format("the chunk layout of column '{}' is damaged", name(each.kind)));
  if (!text.empty())
    return base::fail(ErrorCode::InvalidFormat,
                      "the chunk layout names columns that are not there");
  return layout;
}

std::string Layout::text() const {
  std::string text;
  for (const ColumnLayout& each : m_columns) {
    text += name(each.kind);
    for (const LayerGroup& group : each.groups)
      text += fmt::format(" {}x{}", group.layers, group.rowsPerChunk);
    text += ';';
  }
  return text;
}

const ColumnLayout* Layout::find(ChunkKind kind) const {
  const auto found = std::find_if(m_columns.begin(), m_columns.end(),
                                  [&](const ColumnLayout& each) { return each.kind == kind; });
  return found == m_columns.end() ? nullptr : &*found;
}

} // namespace switchyard::trace
