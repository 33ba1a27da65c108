#include "core/routing/row_subset.h"

#include <algorithm>
#include <limits>

namespace switchyard::routing {

namespace {

/// The given rows of a [total, width] array; empty stays empty.
template <typename T>
std::vector<T> pick(std::span<const T> values, std::size_t total,
                    std::span<const std::int32_t> rows) {
  std::vector<T> picked;
  if (values.empty() || total == 0)
    return picked;
  const std::size_t width = values.size() / total;
  picked.reserve(rows.size() * width);
  for (const std::int32_t row : rows) {
    const auto part = values.subspan(static_cast<std::size_t>(row) * width, width);
    picked.insert(picked.end(), part.begin(), part.end());
  }
  return picked;
}

template <typename T>
void put(std::span<const T> from, std::size_t fromRow, std::size_t fromWidth, std::vector<T>& to,
         std::size_t toRow, std::size_t toWidth) {
  const auto part = from.subspan(fromRow * fromWidth, fromWidth);
  std::ranges::copy(part, to.begin() + static_cast<std::ptrdiff_t>(toRow * toWidth));
}

/// Makes room for maxK slots per row; what is there stays.
void widen(Assignment& assignment, int maxK) {
  if (assignment.maxK >= maxK)
    return;
  Assignment wide;
  wide.reset(static_cast<std::int64_t>(assignment.counts.size()), maxK);
  const auto from = static_cast<std::size_t>(assignment.maxK);
  const auto to = static_cast<std::size_t>(maxK);
  if (!assignment.rawWeights.empty())
    wide.rawWeights.assign(wide.weights.size(), 0.0f);
  for (std::size_t row = 0; row < assignment.counts.size(); ++row) {
    put<std::int32_t>(assignment.ids, row, from, wide.ids, row, to);
    put<float>(assignment.weights, row, from, wide.weights, row, to);
    if (!assignment.rawWeights.empty())
      put<float>(assignment.rawWeights, row, from, wide.rawWeights, row, to);
  }
  wide.counts = std::move(assignment.counts);
  wide.drops = std::move(assignment.drops);
  assignment = std::move(wide);
}

std::vector<Drop> mergeDrops(const std::vector<Drop>& whole, const std::vector<Drop>& part,
                             std::span<const std::int32_t> rows) {
  std::vector<Drop> merged;
  std::ranges::copy_if(whole, std::back_inserter(merged), [rows](const Drop& drop) {
    return !std::ranges::binary_search(rows, drop.row);
  });
  for (Drop drop : part) {
    drop.row = rows[static_cast<std::size_t>(drop.row)];
    merged.push_back(drop);
  }
  std::ranges::stable_sort(merged, {},
                           [](const Drop& drop) { return std::pair(drop.row, drop.rank); });
  return merged;
}

} // namespace

RowSubset::RowSubset(const RoutingBatch& batch, const RoutingDraft& draft,
                     std::span<const std::int32_t> rows)
    : m_rows(rows.begin(), rows.end()), m_batch(batch) {
  const std::size_t total = batch.tokens.size();
  m_tokens = pick(batch.tokens, total, rows);
  m_modelLogits = pick(batch.modelLogits, total, rows);
  m_previousLogits = pick(batch.previousLogits, total, rows);
  m_input = pick(batch.input, total, rows);
  m_batch.tokens = m_tokens;
  m_batch.modelLogits = m_modelLogits;
  m_batch.previousLogits = m_previousLogits;
  m_batch.input = m_input;

  m_draft.logits = pick<float>(draft.logits, total, rows);
  m_draft.choiceOffsets = pick<float>(draft.choiceOffsets, total, rows);
  const Assignment& from = draft.assignment;
  Assignment& to = m_draft.assignment;
  to.maxK = from.maxK;
  to.counts = pick<std::int32_t>(from.counts, total, rows);
  to.ids = pick<std::int32_t>(from.ids, total, rows);
  to.weights = pick<float>(from.weights, total, rows);
  to.rawWeights = pick<float>(from.rawWeights, total, rows);
  for (Drop drop : from.drops) {
    const auto found = std::ranges::lower_bound(m_rows, drop.row);
    if (found == m_rows.end() || *found != drop.row)
      continue;
    drop.row = static_cast<std::int32_t>(found - m_rows.begin());
    to.drops.push_back(drop);
  }
}

void RowSubset::writeBack(bool scores, RoutingDraft& whole) const {
  const Assignment& from = m_draft.assignment;
  Assignment& to = whole.assignment;
  widen(to, from.maxK);
  const auto fromWidth = static_cast<std::size_t>(from.maxK);
  const auto toWidth = static_cast<std::size_t>(to.maxK);
  const auto experts = static_cast<std::size_t>(m_batch.layer.experts);
  const bool offsets = scores && !m_draft.choiceOffsets.empty();
  if (offsets && whole.choiceOffsets.empty())
    whole.choiceOffsets.assign(whole.logits.size(), 0.0f);
  // Raw weights mean something only if every row has them.
  if (from.rawWeights.empty())
    to.rawWeights.clear();
  for (std::size_t i = 0; i < m_rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(m_rows[i]);
    const auto begin = static_cast<std::ptrdiff_t>(row * toWidth);
    std::fill_n(to.ids.begin() + begin, toWidth, -1);
    std::fill_n(to.weights.begin() + begin, toWidth, 0.0f);
    put<std::int32_t>(from.ids, i, fromWidth, to.ids, row, toWidth);
    put<float>(from.weights, i, fromWidth, to.weights, row, toWidth);
    if (!to.rawWeights.empty()) {
      std::fill_n(to.rawWeights.begin() + begin, toWidth, 0.0f);
      put<float>(from.rawWeights, i, fromWidth, to.rawWeights, row, toWidth);
    }
    to.counts[row] = from.counts[i];
    if (scores)
      put<float>(m_draft.logits, i, experts, whole.logits, row, experts);
    if (offsets)
      put<float>(m_draft.choiceOffsets, i, experts, whole.choiceOffsets, row, experts);
  }
  to.drops = mergeDrops(to.drops, from.drops, m_rows);
}

} // namespace switchyard::routing
