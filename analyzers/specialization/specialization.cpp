#include "analyzers/specialization/specialization.h"

#include <fmt/format.h>

namespace switchyard::analyzers {

std::unique_ptr<trace::Analyzer> Specialization::cloneEmpty() const {
  return std::make_unique<Specialization>(m_options);
}

base::Result<void> Specialization::begin(std::span<const trace::LayerInfo> layers) {
  if (m_options.minCount < 1 || m_options.top < 0 || m_options.topTokens < 0 ||
      !(m_options.alpha > 0 && m_options.alpha < 1) || m_options.vocabularyOptions.ranks < 0)
    return base::fail(
        base::ErrorCode::InvalidArgument,
        "specialization: 'min_count' must be >= 1, 'top', 'top_tokens' and 'ranks' >= 0 and "
        "'alpha' between 0 and 1");
  SY_TRY(m_layers.begin(layers));
  m_sequences = {};
  m_tokens = 0;
  m_labels.begin(m_layers, m_options.label, m_options.maxLabels);
  m_vocabulary.begin(m_layers, m_options.vocabularyOptions);
  return {};
}

base::Result<void> Specialization::add(const trace::RoutingBlock& block) {
  SY_TRY(m_layers.check(block));
  const bool isNew = m_sequences.note(block);
  if (block.moeLayer == 0)
    m_tokens += block.rows;
  SY_TRY(m_labels.add(block, isNew));
  if (m_options.vocabulary)
    SY_TRY(m_vocabulary.add(block));
  return {};
}

base::Result<void> Specialization::merge(const trace::Analyzer& other) {
  const auto* that = dynamic_cast<const Specialization*>(&other);
  if (that == nullptr || !(that->m_options == m_options) || !m_layers.same(that->m_layers))
    return cannotMerge(id());
  SY_TRY(m_vocabulary.merge(that->m_vocabulary));
  m_labels.merge(that->m_labels);
  m_sequences.merge(that->m_sequences);
  m_tokens += that->m_tokens;
  return {};
}

base::Result<trace::AnalysisResult> Specialization::result() const {
  trace::AnalysisResult result;
  result.provenance = {
      .analyzer = std::string(id()),
      .version = "1",
      .formula = "share = N_eD / N_D (arXiv:2409.02060, eq. 7), chance k/E; vocabulary: favourite "
                 "expert's share of an id's occurrences, unweighted mean over ids (eq. 8)",
      .filter = fmt::format("sequences with label '{}'; ids with at least {} occurrences",
                            m_options.label, m_options.minCount),
      .sequences = m_sequences.count(),
      .tokens = m_tokens,
      .options = {{"label", m_options.label},
                  {"min_count", std::to_string(m_options.minCount)},
                  {"alpha", fmt::format("{}", m_options.alpha)},
                  {"vocabulary", m_options.vocabulary ? "true" : "false"},
                  {"ranks", std::to_string(m_options.vocabularyOptions.ranks)},
                  {"first_seen", m_options.vocabularyOptions.firstSeen ? "true" : "false"}}};
  SY_TRY(describeLabels(result));
  if (m_options.vocabulary)
    describeVocabulary(result);
  return result;
}

} // namespace switchyard::analyzers
