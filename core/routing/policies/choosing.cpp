#include "core/routing/policies/choosing.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/routing/gate_steps.h"
#include "core/routing/reroute.h"

namespace switchyard::routing {

std::vector<std::int32_t> largest(std::span<const std::int32_t> open, std::span<const float> values,
                                  std::size_t count) {
  std::vector<std::int32_t> ids(open.begin(), open.end());
  const std::size_t kept = std::min(count, ids.size());
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(kept), ids.end(),
                    [values](std::int32_t a, std::int32_t b) {
                      const float left = values[static_cast<std::size_t>(a)];
                      const float right = values[static_cast<std::size_t>(b)];
                      return left != right ? left > right : a < b;
                    });
  ids.resize(kept);
  return ids;
}

bool renormalises(const GateConfig& gate) {
  return gate.renorm != Renorm::None || gate.score == Score::SoftmaxSelected;
}

void give(const ChoiceRow& row, std::span<const std::int32_t> ids, std::span<const float> weights,
          bool renorm, Assignment& out) {
  float sum = 0.0f;
  for (const float weight : weights)
    sum += weight;
  const bool divide = renorm && sum > 0.0f;
  for (std::size_t i = 0; i < ids.size(); ++i)
    out.push(row.row, ids[i], (divide ? weights[i] / sum : weights[i]) * row.layer.gate->scale);
}

RowScores::RowScores(const RoutingBatch& batch, const RoutingDraft& draft)
    : m_batch(batch), m_draft(draft), m_scores(static_cast<std::size_t>(batch.layer.experts)),
      m_shares(m_scores.size()) {}

base::Result<void> RowScores::check() const {
  SY_TRY(checkLogits(m_batch.layer, m_batch.tokens, m_draft.logits));
  if (!m_draft.choiceOffsets.empty() && m_draft.choiceOffsets.size() != m_draft.logits.size())
    return base::fail(base::ErrorCode::InvalidArgument, "choice offsets do not fit the logits",
                      {.layer = m_batch.layer.layer});
  return {};
}

base::Result<ChoiceRow> RowScores::at(std::int64_t row) {
  const std::size_t experts = m_scores.size();
  const std::size_t begin = static_cast<std::size_t>(row) * experts;
  const auto logits = std::span<const float>(m_draft.logits).subspan(begin, experts);
  scoreRow(*m_batch.layer.gate, logits, m_scores);
  m_shares = m_scores;
  if (m_batch.layer.gate->score == Score::Sigmoid) {
    const float sum = std::accumulate(m_scores.begin(), m_scores.end(), 0.0f);
    for (float& share : m_shares)
      share = sum > 0.0f ? share / sum : 1.0f / static_cast<float>(experts);
  }
  m_open.clear();
  for (std::size_t e = 0; e < experts; ++e)
    if (m_draft.choiceOffsets.empty() ||
        m_draft.choiceOffsets[begin + e] > -std::numeric_limits<float>::infinity())
      m_open.push_back(static_cast<std::int32_t>(e));
  if (m_open.empty())
    return base::fail(base::ErrorCode::InvalidArgument,
                      "every expert is banned; leave at least one that can be chosen",
                      whereOf(m_batch.layer, m_batch.tokens, static_cast<std::size_t>(row)));
  return ChoiceRow{
      m_batch.layer, m_batch.tokens[static_cast<std::size_t>(row)], row, logits, m_scores, m_shares,
      m_open};
}

} // namespace switchyard::routing
