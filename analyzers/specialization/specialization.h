#pragma once

#include <cstdint>
#include <string>

#include "analyzers/common/layer_set.h"
#include "analyzers/common/sequence_counter.h"
#include "analyzers/common/state.h"
#include "analyzers/common/support.h"
#include "analyzers/specialization/label_counts.h"
#include "analyzers/specialization/vocabulary_counts.h"

namespace switchyard::analyzers {

struct SpecializationOptions {
  std::string label = "domain"; ///< key of the sequences' labels to compare
  std::size_t maxLabels = 256;  ///< different values allowed
  bool vocabulary = true;       ///< also by token id
  std::int64_t minCount = 10;   ///< occurrences an item needs to enter a vocabulary mean
  double alpha = 0.05;          ///< false discovery rate of labels x layers x experts
  int top = 10;                 ///< strongest experts per label and layer in the table
  int topTokens = 5;            ///< strongest ids per expert in the token table
  VocabularyOptions vocabularyOptions = {};
  SupportRule support = {};
  bool operator==(const SpecializationOptions&) const = default;
};

/// Which experts serve which labels (OLMoE, 2409.02060, eq. 7) and which token ids (eq. 8, dividing
/// by the occurrences of the id, as the released code does). Memory O(labels * layers * E) plus,
/// for the vocabulary, O(ids seen * layers * E), bounded by its options. Time O(rows * k).
class Specialization final : public SavedAnalyzer<Specialization> {
public:
  explicit Specialization(SpecializationOptions options = {}) : m_options(std::move(options)) {}

  std::string_view id() const override { return "specialization"; }
  std::unique_ptr<trace::Analyzer> cloneEmpty() const override;
  trace::Columns wants() const override { return {.predicted = true}; }
  base::Result<void> begin(std::span<const trace::LayerInfo> layers) override;
  base::Result<void> add(const trace::RoutingBlock& block) override;
  base::Result<void> merge(const trace::Analyzer& other) override;
  base::Result<trace::AnalysisResult> result() const override;

  LabelSpecialization labels(std::size_t layer) const { return m_labels.layer(m_layers, layer); }
  const LabelCounts& labelCounts() const { return m_labels; }
  const VocabularyCounts& vocabulary() const { return m_vocabulary; }
  const LayerSet& layers() const { return m_layers; }
  /// See state.h.
  template <typename Archive> static void exchange(auto& self, Archive& archive) {
    archive(self.m_sequences, self.m_tokens, self.m_labels, self.m_vocabulary);
  }

private:
  base::Result<void> describeLabels(trace::AnalysisResult& result) const;
  void describeVocabulary(trace::AnalysisResult& result) const;

  SpecializationOptions m_options;
  LayerSet m_layers;
  SequenceCounter m_sequences;
  std::int64_t m_tokens = 0;
  LabelCounts m_labels;
  VocabularyCounts m_vocabulary;
};

} // namespace switchyard::analyzers
