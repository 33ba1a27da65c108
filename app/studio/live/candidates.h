#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/jobs/decode_records.h"
#include "app/studio/live/token_routing.h"
#include "core/base/ids.h"

namespace switchyard::studio {

/// Finds the likeliest next tokens. Used by the thread that decodes; keeps its buffers.
class CandidateFinder {
public:
  static constexpr std::size_t kCandidates = 8;

  /// scores [vocabulary]: what `drawn` was drawn from; -inf: cannot be chosen. Fills candidates (by
  /// falling score, ties: lower id; those that are cut are left out) and the probability of
  /// `drawn`: softmax of the scores, before temperature and the sampler's other filters. None of
  /// either if no score is finite.
  void find(std::span<const float> scores, base::TokenId drawn, NextToken& out);

private:
  std::vector<std::int32_t> m_places;
};

/// Adds a decoder's figures. Those of self-contrast (strong_token_1, strong_logprob_1, weak_...)
/// become columns of the candidates; tokens of the strong pass that the contrast left out follow as
/// cut ones.
void addFigures(const jobs::DecodeRecord& record, NextToken& next);

} // namespace switchyard::studio
