#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/common/layer_set.h"
#include "analyzers/common/state.h"
#include "analyzers/specialization/document_moments.h"

namespace switchyard::analyzers {

/// Positions in the sequence are binned by powers of two: 0, 1-2, 3-6, 7-14, ..., 127 and more.
constexpr std::size_t kPositionBins = 8;
std::size_t positionBin(std::int64_t position);

/// Routing of the tokens of one label value ("python") at one layer.
struct LabelLayer {
  std::int64_t tokens = 0;
  std::vector<std::int64_t> counts;                    ///< [E] tokens with the expert selected
  std::vector<std::int64_t> first;                     ///< [E] tokens with the expert ranked first
  std::array<std::int64_t, kPositionBins> binTokens{}; ///< tokens by position bin
  std::vector<std::int64_t> binCounts;                 ///< [bins, E] counts by position bin
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.tokens, self.counts, self.first, self.binTokens, self.binCounts);
  }
};

/// How tokens of different labels use one layer's experts. Rows are labels in order of name.
struct LabelSpecialization {
  int experts = 0, k = 0;
  std::vector<std::string> labels;
  std::vector<LabelLayer> rows;

  /// Share of the label's tokens that select the expert (OLMoE eq. 7); a row sums to k. Chance k/E.
  std::optional<double> share(std::size_t label, std::size_t expert) const;
  std::optional<double> shareFirst(std::size_t label, std::size_t expert) const;
  std::optional<double> lift(std::size_t label, std::size_t expert) const; ///< share / (k/E)
  /// Mean of share over all other labels that have tokens.
  std::optional<double> othersShare(std::size_t label, std::size_t expert) const;
  /// share minus othersShare after giving every label the position mix of all labels together
  /// (direct standardisation over position bins): what is left is not an effect of position.
  std::optional<double> positionAdjustedGap(std::size_t label, std::size_t expert) const;
  /// Entropy in nats over labels of the expert's shares divided by their sum: 0 = one label's
  /// expert, ln(labels) = indifferent. Sizes of the labels do not matter.
  std::optional<double> entropy(std::size_t expert) const;
  /// Jensen-Shannon distance (square root, natural logarithm) between two labels' shares, as
  /// distributions over experts.
  std::optional<double> distance(std::size_t a, std::size_t b) const;
  std::optional<double> mutualInformation() const; ///< nats, of labels x experts counts
};

/// Counts by label value, and their moments over documents. Merges exactly. The blocks of one
/// sequence must follow one another.
class LabelCounts {
public:
  /// maxLabels bounds memory: LimitExceeded when more values appear.
  void begin(const LayerSet& layers, std::string label, std::size_t maxLabels);
  base::Result<void> add(const trace::RoutingBlock& block, bool newSequence);
  void merge(const LabelCounts& other);
  /// See state.h.
  static void exchange(const LabelCounts& self, base::ArchiveWriter& archive);
  static void exchange(LabelCounts& self, base::ArchiveReader& archive);

  LabelSpecialization layer(const LayerSet& layers, std::size_t layer) const;
  /// Sequences seen per label value, in order of name.
  std::vector<std::int64_t> sequences() const;
  std::int64_t unlabelled() const { return m_unlabelled; } ///< sequences without the label
  std::size_t size() const { return m_values.size(); }
  /// A copy in which the current sequence counts as a document; moments() needs it.
  LabelCounts closed() const;
  /// Over the documents of one half (0 or 1, by a hash of the sequence's index) that have the
  /// label'th value in order of name.
  const DocumentMoments& moments(std::size_t label, std::size_t layer, int half) const;

private:
  struct Value {
    std::int64_t sequences = 0;
    std::vector<LabelLayer> layers; ///< first and binCounts with a cell for unused slots; no counts
    std::vector<std::array<DocumentMoments, 2>> moments; ///< [layers][half]
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.sequences, self.layers, self.moments);
    }
  };
  /// The current sequence.
  struct Open {
    std::int64_t index = -1;
    std::string value;
    std::vector<std::int64_t> tokens;              ///< [layers]
    std::vector<std::vector<std::int64_t>> counts; ///< [layers][E + 1]
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.index, self.tokens, self.counts);
      archive.grown(self.value);
    }
  };
  base::Result<Value*> valueOf(const std::string& name);
  void open(std::int64_t index, const std::string& value);
  void close();
  std::vector<trace::LayerInfo> m_layers;
  std::string m_label;
  std::size_t m_maxLabels = 0;
  std::int64_t m_unlabelled = 0;
  std::map<std::string, Value> m_values;
  Open m_open;
};

} // namespace switchyard::analyzers
