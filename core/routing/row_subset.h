#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/routing/policy.h"

namespace switchyard::routing {

/// Some rows of a batch and its draft, copied so that a policy sees nothing else.
class RowSubset {
public:
  /// rows: ascending. Borrows batch for its lifetime.
  RowSubset(const RoutingBatch& batch, const RoutingDraft& draft,
            std::span<const std::int32_t> rows);
  RowSubset(const RowSubset&) = delete;
  RowSubset& operator=(const RowSubset&) = delete;

  const RoutingBatch& batch() const { return m_batch; }
  RoutingDraft& draft() { return m_draft; }

  /// Writes the subset's assignment (and, if asked, its scores) back into the whole draft. Drops of
  /// these rows are replaced.
  void writeBack(bool scores, RoutingDraft& whole) const;

private:
  std::vector<std::int32_t> m_rows;
  std::vector<TokenFacts> m_tokens;
  std::vector<float> m_modelLogits, m_previousLogits, m_input;
  RoutingBatch m_batch;
  RoutingDraft m_draft;
};

} // namespace switchyard::routing
