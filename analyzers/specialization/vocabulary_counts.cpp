#include "analyzers/specialization/vocabulary_counts.h"

#include <algorithm>

#include "analyzers/common/cells.h"
#include "analyzers/common/measures.h"

namespace switchyard::analyzers {

namespace {

constexpr std::uint64_t kNeverSeen = ~std::uint64_t{0};
constexpr std::int64_t kMaxOrder = std::int64_t{1} << 28;

std::size_t index(VocabularyItem item) {
  return static_cast<std::size_t>(item);
}

} // namespace

void VocabularyCounts::begin(const LayerSet& layers, const VocabularyOptions& options) {
  m_options = options;
  m_layers.assign(layers.all().begin(), layers.all().end());
  m_offsets.assign(1, 0);
  for (const trace::LayerInfo& layer : m_layers)
    m_offsets.push_back(m_offsets.back() + static_cast<std::size_t>(layer.experts) + 2);
  const auto cell = static_cast<std::int64_t>(sizeof(std::uint32_t) +
                                              (options.firstSeen ? sizeof(std::uint64_t) : 0));
  const auto rowBytes = static_cast<std::int64_t>(m_offsets.back()) * cell * kVocabularyItems;
  m_idLimit = std::max<std::int64_t>(options.maxBytes, 0) / rowBytes;
  m_skipped = m_predictedRows = m_tokens = 0;
  for (ItemRows& rows : m_rows)
    rows.clear();
}

VocabularyCounts::Row* VocabularyCounts::row(VocabularyItem item, std::int64_t id) {
  if (id < 0 || id >= m_idLimit)
    return nullptr;
  ItemRows& rows = m_rows[index(item)];
  if (static_cast<std::size_t>(id) >= rows.size())
    rows.resize(static_cast<std::size_t>(id) + 1);
  Row& row = rows[static_cast<std::size_t>(id)];
  if (!row.counts) {
    row.counts = std::make_unique<std::uint32_t[]>(m_offsets.back());
    if (m_options.firstSeen) {
      row.firstSeen = std::make_unique<std::uint64_t[]>(m_offsets.back());
      std::fill_n(row.firstSeen.get(), m_offsets.back(), kNeverSeen);
    }
  }
  return &row;
}

const VocabularyCounts::Row* VocabularyCounts::find(VocabularyItem item, std::int64_t id) const {
  const ItemRows& rows = m_rows[index(item)];
  if (id < 0 || static_cast<std::size_t>(id) >= rows.size() ||
      !rows[static_cast<std::size_t>(id)].counts)
    return nullptr;
  return &rows[static_cast<std::size_t>(id)];
}

void VocabularyCounts::book(VocabularyItem item, std::int64_t id, const trace::RoutingBlock& block,
                            std::int64_t r) {
  Row* row = this->row(item, id);
  if (row == nullptr) {
    ++m_skipped;
    return;
  }
  const auto layer = static_cast<std::size_t>(block.moeLayer);
  const auto unused = static_cast<std::uint16_t>(block.info.experts);
  const int ranks = m_options.ranks > 0 ? std::min(m_options.ranks, block.info.k) : block.info.k;
  const std::uint16_t* ids = block.ids.data() + r * block.info.k;
  std::uint32_t* counts = row->counts.get() + m_offsets[layer];
  ++counts[unused + 1];
  for (int a = 0; a < ranks; ++a)
    ++counts[std::min(ids[a], unused)];
  if (!row->firstSeen)
    return;
  std::uint64_t* first = row->firstSeen.get() + m_offsets[layer];
  for (int a = 0; a < ranks; ++a) {
    std::uint64_t& seen = first[std::min(ids[a], unused)];
    const auto order = (static_cast<std::uint64_t>(block.sequence->index) << 36) |
                       (static_cast<std::uint64_t>(block.firstToken + r) << 8) |
                       static_cast<std::uint64_t>(std::min(a, 255));
    seen = std::min(seen, order);
  }
}

base::Result<void> VocabularyCounts::add(const trace::RoutingBlock& block) {
  if (block.moeLayer == 0)
    m_tokens += block.rows;
  if (m_tokens > 0xFFFFFFFF ||
      (m_options.firstSeen && (block.sequence->index >= kMaxOrder || block.sequence->index < 0 ||
                               block.firstToken + block.rows >= kMaxOrder)))
    return base::fail(base::ErrorCode::LimitExceeded,
                      "vocabulary specialization counts at most 4294967295 tokens (and 268435456 "
                      "sequences in first-seen mode); analyse parts of the trace");
  const std::vector<std::int32_t>& tokens = block.sequence->tokens;
  const auto length = static_cast<std::int64_t>(tokens.size());
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const std::int64_t position = block.firstToken + r;
    if (position < length)
      book(VocabularyItem::Input, tokens[static_cast<std::size_t>(position)], block, r);
    if (position + 1 < length)
      book(VocabularyItem::Next, tokens[static_cast<std::size_t>(position) + 1], block, r);
  }
  for (std::size_t r = 0; r < block.predicted.size(); ++r) {
    if (block.moeLayer == 0)
      ++m_predictedRows;
    book(VocabularyItem::Predicted, block.predicted[r], block, static_cast<std::int64_t>(r));
  }
  return {};
}

base::Result<void> VocabularyCounts::merge(const VocabularyCounts& other) {
  if (m_tokens + other.m_tokens > 0xFFFFFFFF)
    return base::fail(base::ErrorCode::LimitExceeded,
                      "vocabulary specialization counts at most 4294967295 tokens");
  m_tokens += other.m_tokens;
  m_skipped += other.m_skipped;
  m_predictedRows += other.m_predictedRows;
  for (int item = 0; item < kVocabularyItems; ++item) {
    const ItemRows& rows = other.m_rows[item];
    for (std::size_t id = 0; id < rows.size(); ++id) {
      if (!rows[id].counts)
        continue;
      Row* mine = row(static_cast<VocabularyItem>(item), static_cast<std::int64_t>(id));
      for (std::size_t c = 0; c < m_offsets.back(); ++c) {
        mine->counts[c] += rows[id].counts[c];
        if (mine->firstSeen)
          mine->firstSeen[c] = std::min(mine->firstSeen[c], rows[id].firstSeen[c]);
      }
    }
  }
  return {};
}

std::int64_t VocabularyCounts::ids(VocabularyItem item) const {
  return static_cast<std::int64_t>(m_rows[index(item)].size());
}

std::int64_t VocabularyCounts::occurrences(VocabularyItem item, std::size_t layer,
                                           std::int64_t id) const {
  const Row* row = find(item, id);
  return row == nullptr ? 0 : std::int64_t{row->counts[m_offsets[layer + 1] - 1]};
}

std::span<const std::uint32_t> VocabularyCounts::counts(VocabularyItem item, std::size_t layer,
                                                        std::int64_t id) const {
  const Row* row = find(item, id);
  if (row == nullptr)
    return {};
  return {row->counts.get() + m_offsets[layer], static_cast<std::size_t>(m_layers[layer].experts)};
}

int VocabularyCounts::favourite(VocabularyItem item, std::size_t layer, std::int64_t id) const {
  const std::span<const std::uint32_t> row = counts(item, layer, id);
  const auto best = std::ranges::max_element(row); // the first of equals: lower id
  if (best == row.end() || *best == 0)
    return -1;
  if (!m_options.firstSeen)
    return static_cast<int>(best - row.begin());
  const std::uint64_t* first = find(item, id)->firstSeen.get() + m_offsets[layer];
  std::size_t favourite = static_cast<std::size_t>(best - row.begin());
  for (std::size_t e = favourite + 1; e < row.size(); ++e) {
    if (row[e] == *best && first[e] < first[favourite])
      favourite = e;
  }
  return static_cast<int>(favourite);
}

VocabularySpecialization VocabularyCounts::specialization(VocabularyItem item, std::size_t layer,
                                                          std::int64_t minCount) const {
  const auto experts = static_cast<std::size_t>(m_layers[layer].experts);
  VocabularySpecialization out;
  out.favourites.resize(experts);
  std::vector<double> sums(experts);
  double sum = 0;
  for (std::int64_t id = 0; id < ids(item); ++id) {
    const std::int64_t n = occurrences(item, layer, id);
    const int best = n == 0 || n < minCount ? -1 : favourite(item, layer, id);
    if (best < 0)
      continue;
    const auto e = static_cast<std::size_t>(best);
    const double share = static_cast<double>(counts(item, layer, id)[e]) / static_cast<double>(n);
    ++out.items;
    ++out.favourites[e];
    sum += share;
    sums[e] += share;
  }
  out.mean = ratio(sum, static_cast<double>(out.items));
  for (std::size_t e = 0; e < experts; ++e)
    out.experts.push_back(ratio(sums[e], static_cast<double>(out.favourites[e])));
  return out;
}

std::optional<double> VocabularyCounts::mutualInformation(VocabularyItem item,
                                                          std::size_t layer) const {
  std::vector<std::uint64_t> table;
  for (std::int64_t id = 0; id < ids(item); ++id) {
    const std::span<const std::uint32_t> row = counts(item, layer, id);
    table.insert(table.end(), row.begin(), row.end());
  }
  return mutualInformationOf(table, static_cast<std::size_t>(m_layers[layer].experts));
}

} // namespace switchyard::analyzers
