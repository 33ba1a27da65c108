#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/common/count_table.h"
#include "analyzers/common/layer_set.h"
#include "analyzers/common/sequence_counter.h"
#include "analyzers/common/state.h"
#include "analyzers/npmi/markers.h"
#include "analyzers/statistics/npmi.h"

namespace switchyard::analyzers {

struct NpmiOptions {
  std::vector<Marker> markers = {};
  MarkerPosition position = MarkerPosition::LastToken;
  statistics::MarkerSupport support = {}; ///< K >= 50 and k >= 5
  int top = 2;                            ///< experts recommended for steering (l; RICE uses 2)
  int controls = 20;   ///< random experts of matched frequency held against each of them
  double alpha = 0.05; ///< false discovery rate
  std::uint64_t seed = 0;
  bool operator==(const NpmiOptions& other) const;
};

/// One marker and one expert.
struct MarkerExpert {
  statistics::MarkerCounts counts;
  std::optional<double> npmi;
  std::optional<double> p, adjustedP; ///< one-sided Fisher; Benjamini-Hochberg over all experts
  bool supported = false;
};

/// One expert over all markers.
struct RankedExpert {
  std::size_t moeLayer = 0;
  int expert = 0;
  std::int64_t uses = 0;    ///< K
  double score = 0;         ///< sum of coefficient * nPMI
  bool supported = false;   ///< K and k suffice for a marker of positive coefficient
  bool significant = false; ///< and that marker's adjusted p is at most alpha
};

/// A recommended expert against others that are used about as often.
struct MatchedControls {
  RankedExpert expert;
  std::vector<RankedExpert> controls;
  std::optional<double> meanScore;  ///< of the controls
  std::optional<double> exceedance; ///< (1 + controls with at least its score) / (1 + controls)
};

/// Association of marker tokens with experts by normalised pointwise mutual information (RICE,
/// 2505.14681): membership in the top-k is binary, a marker counts where its token is the input,
/// prompt and generated tokens alike; M counts occurrences (equal to RICE's number of responses
/// when a marker occurs once in each). Experts of all layers are ranked together by the sum of
/// coefficient * nPMI; ties: lower layer, then lower expert. Memory O(markers * layers * E).
class Npmi final : public SavedAnalyzer<Npmi> {
public:
  explicit Npmi(NpmiOptions options) : m_options(std::move(options)) {}

  std::string_view id() const override { return "npmi"; }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override;
  trace::Columns wants() const override { return {}; }
  /// Errors: InvalidArgument for no marker, an empty spelling, or options out of range.
  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override;
  base::Result<void> add(const trace::RoutingBlock& block) override;
  base::Result<void> merge(const trace::Analyzer& other) override;
  base::Result<trace::AnalysisResult> result() const override;

  /// [layer][expert] of one marker, with p adjusted over all of them.
  base::Result<std::vector<std::vector<MarkerExpert>>> associations(std::size_t marker) const;
  /// Experts with a defined score, best first.
  base::Result<std::vector<RankedExpert>> ranking() const;
  /// The `top` best supported experts with a positive score, each with its controls.
  std::vector<MatchedControls> recommended(const std::vector<RankedExpert>& ranking) const;
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_sequences, self.m_states);
  }

private:
  struct LayerState {
    std::int64_t tokens = 0;
    std::vector<std::int64_t> marked; ///< [markers] M
    CountTable uses;                  ///< [E + 1] K
    CountTable both;                  ///< [markers, E + 1] k
    template <typename Archive> static void exchange(auto& self, Archive& archive) {
      archive(self.tokens, self.marked, self.uses, self.both);
    }
  };
  /// Marked rows of the range that the last block covered; blocks of other layers share it.
  struct Hits {
    std::int64_t sequence = -1, first = 0, rows = 0;
    std::size_t length = 0; ///< of the sequence's tokens when they were searched
    std::vector<std::vector<std::int64_t>> positions; ///< [markers]
  };
  void find(const trace::RoutingBlock& block);

  NpmiOptions m_options;
  LayerSet m_layers;
  SequenceCounter m_sequences;
  std::vector<LayerState> m_states;
  Hits m_hits;
};

} // namespace switchyard::analyzers
