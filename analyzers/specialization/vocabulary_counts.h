#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analyzers/common/layer_set.h"
#include "analyzers/common/state.h"

namespace switchyard::analyzers {

/// Which token a position's routing is booked under.
enum class VocabularyItem : std::uint8_t {
  Input,     ///< the token at the position
  Predicted, ///< argmax of the LM logits at the position, if recorded
  Next,      ///< the token that follows in the same sequence; last positions have none
};
constexpr int kVocabularyItems = 3;

/// Vocabulary specialization of one layer (OLMoE, 2409.02060, eq. 8): each item's favourite expert
/// and its share of the item's occurrences, averaged over items without weights. Chance k/E.
struct VocabularySpecialization {
  std::int64_t items = 0;                     ///< items with at least minCount occurrences
  std::optional<double> mean;                 ///< of the favourites' shares over those items
  std::vector<std::optional<double>> experts; ///< [E] the same over items whose favourite is e
  std::vector<std::int64_t> favourites;       ///< [E] how many items that is
};

/// An id and the share of its occurrences that select some expert.
struct TokenShare {
  std::int64_t id = 0, occurrences = 0;
  double share = 0;
};

/// Everything one pass over the ids of a layer gives.
struct VocabularyLayer {
  VocabularySpecialization filtered;       ///< ids with at least minCount occurrences
  VocabularySpecialization all;            ///< every id that occurs, as published curves are made
  std::optional<double> mutualInformation; ///< nats, of the ids x experts counts
  std::optional<double> expertEntropy;     ///< nats, of the experts' counts
  /// 1 - mean over occurrences (not ids) of the favourite's share: how often the id alone does not
  /// tell whether its favourite is selected. Nothing when no id occurs.
  std::optional<double> contextSensitivity;
  std::vector<std::vector<TokenShare>>
      topTokens; ///< [E] by falling share, then occurrences; filtered
};

struct VocabularyOptions {
  int ranks = 0; ///< count only the first n ranks; 0 = all k
  /// Break ties of favourites by who was met first, as the released OLMoE script does, instead of
  /// by lower id. Needs three times the memory; per-layer means do not depend on it.
  bool firstSeen = false;
  std::int64_t maxBytes = std::int64_t{1}
                          << 30; ///< of all tables; ids too high for it are left out
  bool operator==(const VocabularyOptions&) const = default;
};

/// Counts [item, layer, expert], kept only for ids that occur. Which ids are kept depends on the
/// options alone, never on the order of the data, so that merging is exact.
class VocabularyCounts {
public:
  void begin(const LayerSet& layers, const VocabularyOptions& options);
  /// Errors: LimitExceeded when 2^32 tokens are passed, or (firstSeen) an index above 2^28.
  base::Result<void> add(const trace::RoutingBlock& block);
  base::Result<void> merge(const VocabularyCounts& other);
  /// See state.h.
  static void exchange(const VocabularyCounts& self, base::ArchiveWriter& archive);
  static void exchange(VocabularyCounts& self, base::ArchiveReader& archive);

  /// Ids from this one up are left out (counted in skipped()).
  std::int64_t idLimit() const { return m_idLimit; }
  std::int64_t skipped() const { return m_skipped; }
  std::int64_t predictedRows() const { return m_predictedRows; }
  /// One past the largest id seen as `item`.
  std::int64_t ids(VocabularyItem item) const;
  std::int64_t occurrences(VocabularyItem item, std::size_t layer, std::int64_t id) const;
  /// [E] selections of each expert at the id's occurrences; empty if it never occurred.
  std::vector<std::uint32_t> counts(VocabularyItem item, std::size_t layer, std::int64_t id) const;
  /// Favourite expert of an id: most selections; ties as the options say. -1 if it has none.
  int favourite(VocabularyItem item, std::size_t layer, std::int64_t id) const;
  /// topTokens: ids kept per expert. O(ids * E).
  VocabularyLayer layer(VocabularyItem item, std::size_t layer, std::int64_t minCount,
                        std::size_t topTokens) const;

private:
  /// Per layer: E experts, unused, occurrences. Most ids are rare: they have bytes until a cell
  /// might overflow.
  struct Row {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::unique_ptr<std::uint32_t[]> counts;    ///< instead of bytes, once the id is frequent
    std::unique_ptr<std::uint64_t[]> firstSeen; ///< the same layout; null unless asked
    bool seen() const { return bytes != nullptr || counts != nullptr; }
    std::uint32_t at(std::size_t cell) const { return counts ? counts[cell] : bytes[cell]; }
  };
  using ItemRows = std::vector<Row>; ///< by id
  Row* row(VocabularyItem item, std::int64_t id);
  void widen(Row& row) const;
  void mergeRow(Row& mine, const Row& their);
  int favouriteOf(const Row& row, std::size_t layer) const;
  const Row* find(VocabularyItem item, std::int64_t id) const;
  void bookRows(VocabularyItem item, std::span<const std::int32_t> ids,
                const trace::RoutingBlock& block);
  void book(VocabularyItem item, std::int64_t id, const trace::RoutingBlock& block, std::int64_t r);

  VocabularyOptions m_options;
  std::vector<trace::LayerInfo> m_layers;
  std::uint32_t m_byteLimit = 0;      ///< occurrences at a layer that bytes can count for sure
  std::vector<std::size_t> m_offsets; ///< of each layer in a row; the last is the row's size
  std::int64_t m_idLimit = 0, m_skipped = 0, m_predictedRows = 0, m_tokens = 0;
  ItemRows m_rows[kVocabularyItems];
};

} // namespace switchyard::analyzers
