#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/trace/doctor.h"
#include "core/trace/meta.h"
#include "core/trace/reader.h"

namespace switchyard::trace {

/// How often something was seen, and where first. Internal to core/trace.
struct Tally {
  std::int64_t count = 0;
  std::int64_t sequence = -1;
  std::int64_t token = -1;
  int layer = -1; ///< position in the stack

  void add(std::int64_t atSequence, std::int64_t atToken, int atLayer);
  /// `later` was seen after this.
  void merge(const Tally& later);
  std::string where() const; ///< "first at sequence 3, token 17, layer 2"
};

/// Checks what the rows of a trace say, as blocks come in the order of an analyzer; mergeable like
/// one. Reads ids, weights, logits, norms and predictions where recorded. Internal to core/trace.
class ContentCheck {
public:
  ContentCheck(const TraceMeta& meta, const Columns& columns);

  void beginSequence(const SequenceInfo& info, const SequenceSize& size);
  void add(const RoutingBlock& block);
  /// Takes over what a check of later sequences has seen.
  void merge(const ContentCheck& later);
  void report(std::vector<Finding>& findings) const;

private:
  struct Layer {
    std::int64_t rows = 0;
    std::vector<std::uint16_t> firstRow;
    bool constant = true;        ///< every row equals the first
    bool zero = true;            ///< every id is 0
    bool likePrevious = true;    ///< every row equals that of the layer before
    int usedSlots = 0;           ///< most slots used by a row
    std::int64_t sampled = 0;    ///< rows compared with the best logits
    std::int64_t ownBest = 0;    ///< slots that are among the k best logits of this layer
    std::int64_t beforeBest = 0; ///< ... of the layer before
    std::int64_t afterBest = 0;  ///< ... of the layer after
    std::int64_t logitRows = 0;
    std::int64_t probabilityRows = 0; ///< logits >= 0 that sum to one
  };

  void addIds(const RoutingBlock& block, Layer& layer);
  void addWeights(const RoutingBlock& block);
  void addLogits(const RoutingBlock& block, Layer& layer);
  void compareSelection(const RoutingBlock& block, Layer& layer);
  void closeRows(const RoutingBlock& block);

  void reportRows(std::vector<Finding>& findings) const;
  void reportLayers(std::vector<Finding>& findings) const;
  void reportNumbers(std::vector<Finding>& findings) const;

  TraceMeta m_meta;
  Columns m_columns;
  std::vector<Layer> m_layers;
  std::int64_t m_sequences = 0, m_tokens = 0, m_rows = 0;
  Tally m_shorter, m_oneShorter, m_tokenRange, m_predictedRange;
  Tally m_repeatedExperts, m_emptyRows, m_partialRows, m_defaultRows, m_repeatedPositions;
  Tally m_nonFinite, m_sumNotOne, m_weightsNotLogits, m_weightsRising;
  std::int64_t m_weightRows = 0, m_comparedWeights = 0;

  // of the range of tokens that is being read
  std::vector<std::uint64_t> m_rowHash;
  std::vector<std::uint8_t> m_rowDefault;
  std::vector<std::uint8_t> m_rowEmpty;
  std::uint64_t m_lastHash = 0; ///< of the row before the range
  std::vector<std::uint16_t> m_previousIds;
  std::vector<std::vector<std::uint16_t>> m_previousBest; ///< per sampled row
};

} // namespace switchyard::trace
