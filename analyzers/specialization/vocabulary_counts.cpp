#include "analyzers/specialization/vocabulary_counts.h"

#include <algorithm>

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
  int mostSlots = 1;
  for (const trace::LayerInfo& layer : m_layers) {
    m_offsets.push_back(m_offsets.back() + static_cast<std::size_t>(layer.experts) + 2);
    mostSlots = std::max(mostSlots, layer.k);
  }
  // A slot adds at most one to a cell, even where a broken trace repeats ids.
  m_byteLimit = static_cast<std::uint32_t>(255 / mostSlots);
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
  if (!row.seen()) {
    row.bytes = std::make_unique<std::uint8_t[]>(m_offsets.back());
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
      !rows[static_cast<std::size_t>(id)].seen())
    return nullptr;
  return &rows[static_cast<std::size_t>(id)];
}

void VocabularyCounts::widen(Row& row) const {
  row.counts = std::make_unique<std::uint32_t[]>(m_offsets.back());
  std::copy_n(row.bytes.get(), m_offsets.back(), row.counts.get());
  row.bytes.reset();
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
  const auto count = [&](auto* cells) {
    ++cells[unused + 1];
    for (int a = 0; a < ranks; ++a)
      ++cells[std::min(ids[a], unused)];
  };
  if (row->bytes && row->bytes[m_offsets[layer] + unused + 1] >= m_byteLimit)
    widen(*row);
  if (row->bytes)
    count(row->bytes.get() + m_offsets[layer]);
  else
    count(row->counts.get() + m_offsets[layer]);
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
  const std::span<const std::int32_t> tokens(block.sequence->tokens);
  const auto from = [&](std::int64_t position) {
    const auto first = std::min(static_cast<std::size_t>(position), tokens.size());
    return tokens.subspan(first,
                          std::min(static_cast<std::size_t>(block.rows), tokens.size() - first));
  };
  bookRows(VocabularyItem::Input, from(block.firstToken), block);
  bookRows(VocabularyItem::Next, from(block.firstToken + 1), block);
  if (block.moeLayer == 0)
    m_predictedRows += static_cast<std::int64_t>(block.predicted.size());
  bookRows(VocabularyItem::Predicted, block.predicted, block);
  return {};
}

/// The rows of `ids` at the block's first rows. Each id has its counts elsewhere in memory: they
/// are asked for some rows ahead.
void VocabularyCounts::bookRows(VocabularyItem item, std::span<const std::int32_t> ids,
                                const trace::RoutingBlock& block) {
  constexpr std::size_t kAhead = 12;
  const std::size_t offset = m_offsets[static_cast<std::size_t>(block.moeLayer)];
  const std::size_t occurrences = m_offsets[static_cast<std::size_t>(block.moeLayer) + 1] - 1;
  for (std::size_t r = 0; r < ids.size(); ++r) {
    if (r + kAhead < ids.size()) {
      const Row* next = find(item, ids[r + kAhead]);
      if (next != nullptr && next->bytes) {
        __builtin_prefetch(next->bytes.get() + offset, 1);
        __builtin_prefetch(next->bytes.get() + occurrences, 1);
      }
    }
    book(item, ids[r], block, static_cast<std::int64_t>(r));
  }
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
      if (rows[id].seen())
        mergeRow(*row(static_cast<VocabularyItem>(item), static_cast<std::int64_t>(id)), rows[id]);
    }
  }
  return {};
}

void VocabularyCounts::mergeRow(Row& mine, const Row& their) {
  const std::size_t cells = m_offsets.back();
  bool fits = mine.bytes && their.bytes;
  for (std::size_t l = 0; fits && l < m_layers.size(); ++l) {
    const std::size_t occurrences = m_offsets[l + 1] - 1;
    fits = std::uint32_t{mine.bytes[occurrences]} + their.bytes[occurrences] <= m_byteLimit;
  }
  if (fits) {
    for (std::size_t c = 0; c < cells; ++c)
      mine.bytes[c] = static_cast<std::uint8_t>(mine.bytes[c] + their.bytes[c]);
  } else {
    if (mine.bytes)
      widen(mine);
    for (std::size_t c = 0; c < cells; ++c)
      mine.counts[c] += their.at(c);
  }
  if (mine.firstSeen) {
    for (std::size_t c = 0; c < cells; ++c)
      mine.firstSeen[c] = std::min(mine.firstSeen[c], their.firstSeen[c]);
  }
}

void VocabularyCounts::exchange(const VocabularyCounts& self, base::ArchiveWriter& archive) {
  archive(self.m_skipped, self.m_predictedRows, self.m_tokens);
  const std::size_t cells = self.m_offsets.back();
  for (const ItemRows& rows : self.m_rows) {
    archive(static_cast<std::uint64_t>(std::ranges::count_if(rows, &Row::seen)));
    for (std::size_t id = 0; id < rows.size(); ++id) {
      const Row& row = rows[id];
      if (!row.seen())
        continue;
      archive(std::uint64_t{id}, std::uint8_t{row.counts != nullptr});
      if (row.counts)
        archive.raw(row.counts.get(), cells);
      else
        archive.raw(row.bytes.get(), cells);
      if (row.firstSeen)
        archive.raw(row.firstSeen.get(), cells);
    }
  }
}

void VocabularyCounts::exchange(VocabularyCounts& self, base::ArchiveReader& archive) {
  archive(self.m_skipped, self.m_predictedRows, self.m_tokens);
  const std::size_t cells = self.m_offsets.back();
  for (int item = 0; item < kVocabularyItems; ++item) {
    const std::size_t rows = archive.count();
    for (std::size_t i = 0; i < rows && archive.ok(); ++i) {
      std::uint64_t id = 0;
      std::uint8_t wide = 0;
      archive(id, wide);
      Row* row = archive.ok() && id < static_cast<std::uint64_t>(self.m_idLimit)
                     ? self.row(static_cast<VocabularyItem>(item), static_cast<std::int64_t>(id))
                     : nullptr;
      if (row == nullptr || !row->bytes)
        return archive.fail();
      if (wide != 0) {
        self.widen(*row);
        archive.raw(row->counts.get(), cells);
      } else {
        archive.raw(row->bytes.get(), cells);
      }
      if (row->firstSeen)
        archive.raw(row->firstSeen.get(), cells);
    }
  }
}

std::int64_t VocabularyCounts::ids(VocabularyItem item) const {
  return static_cast<std::int64_t>(m_rows[index(item)].size());
}

std::int64_t VocabularyCounts::occurrences(VocabularyItem item, std::size_t layer,
                                           std::int64_t id) const {
  const Row* row = find(item, id);
  return row == nullptr ? 0 : std::int64_t{row->at(m_offsets[layer + 1] - 1)};
}

std::vector<std::uint32_t> VocabularyCounts::counts(VocabularyItem item, std::size_t layer,
                                                    std::int64_t id) const {
  std::vector<std::uint32_t> out;
  if (const Row* row = find(item, id)) {
    for (std::size_t e = 0; e < static_cast<std::size_t>(m_layers[layer].experts); ++e)
      out.push_back(row->at(m_offsets[layer] + e));
  }
  return out;
}

int VocabularyCounts::favouriteOf(const Row& row, std::size_t layer) const {
  const std::size_t offset = m_offsets[layer];
  std::size_t best = 0;
  for (std::size_t e = 1; e < static_cast<std::size_t>(m_layers[layer].experts); ++e) {
    const std::uint32_t n = row.at(offset + e), most = row.at(offset + best);
    if (n > most || (n == most && n > 0 && row.firstSeen &&
                     row.firstSeen[offset + e] < row.firstSeen[offset + best]))
      best = e; // otherwise the first of equals stays: lower id
  }
  return row.at(offset + best) == 0 ? -1 : static_cast<int>(best);
}

int VocabularyCounts::favourite(VocabularyItem item, std::size_t layer, std::int64_t id) const {
  const Row* row = find(item, id);
  return row == nullptr ? -1 : favouriteOf(*row, layer);
}

} // namespace switchyard::analyzers
