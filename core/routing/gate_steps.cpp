#include "core/routing/gate_steps.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/routing/scoring.h"

namespace switchyard::routing {

namespace {

constexpr float kNegativeInfinity = -std::numeric_limits<float>::infinity();
constexpr std::int32_t kNoExpert = -1; // hooks::kNoExpert; routing lies below hooks

/// Softmax over the entries that `kept` keeps, at `picked`, which is kept and the largest of them.
template <typename Kept>
float maskedSoftmaxAt(std::span<const float> z, std::int32_t picked, Kept kept) {
  const float top = z[static_cast<std::size_t>(picked)];
  float sum = 0.0f;
  for (std::size_t e = 0; e < z.size(); ++e)
    if (kept(e))
      sum += std::exp(z[e] - top);
  return 1.0f / sum;
}

float groupScore(GroupScore kind, std::span<const float> scores) {
  float best = kNegativeInfinity;
  float second = kNegativeInfinity;
  for (const float score : scores) {
    second = std::max(second, std::min(best, score));
    best = std::max(best, score);
  }
  return kind == GroupScore::Max ? best : best + second;
}

} // namespace

void scoreRow(const GateConfig& gate, std::span<const float> logits, std::span<float> probs) {
  if (gate.score == Score::Sigmoid)
    std::ranges::transform(logits, probs.begin(), sigmoid);
  else
    softmax(logits, probs);
}

void maskGroups(const GateConfig& gate, std::span<float> choice, std::span<float> groupScores,
                std::span<std::int32_t> order) {
  if (gate.groupScore == GroupScore::None || gate.groupsKept == gate.groups)
    return;
  const auto size = static_cast<std::size_t>(gate.experts / gate.groups);
  for (std::size_t g = 0; g < groupScores.size(); ++g)
    groupScores[g] = groupScore(gate.groupScore, choice.subspan(g * size, size));
  const std::span<std::int32_t> ranked = order.first(groupScores.size());
  rank(groupScores, ranked, static_cast<std::size_t>(gate.groupsKept));
  for (const std::int32_t g : ranked.subspan(static_cast<std::size_t>(gate.groupsKept)))
    std::ranges::fill(choice.subspan(static_cast<std::size_t>(g) * size, size), gate.groupFill);
}

void normaliseWeights(const GateConfig& gate, std::span<float> weights) {
  float sum = 0.0f;
  for (const float weight : weights)
    sum += weight;
  float divisor = 1.0f;
  switch (gate.renorm) {
  case Renorm::None:
    break;
  case Renorm::Sum:
    divisor = sum + gate.renormEps;
    break;
  case Renorm::ClampMin:
    divisor = std::max(sum, gate.renormEps);
    break;
  }
  for (float& weight : weights) {
    if (gate.renorm != Renorm::None)
      weight /= divisor;
    weight *= gate.scale;
  }
}

bool sparseMixerKeeps(const GateConfig& gate, float top, float logit) {
  // 0 / 0 is not above the threshold: such an expert stays.
  return logit != kNegativeInfinity &&
         !((top - logit) / std::max(std::abs(logit), top) > 2.0f * gate.jitter);
}

void sparseMixerRow(const GateConfig& gate, std::span<const float> logits,
                    std::span<std::int32_t> ids, std::span<float> weights,
                    std::span<std::int32_t> order) {
  rank(logits, order, 2);
  for (std::size_t pick = 0; pick < 2; ++pick) {
    const std::int32_t id = order[pick];
    const float top = logits[static_cast<std::size_t>(id)];
    if (top == kNegativeInfinity) {
      ids[pick] = kNoExpert;
      weights[pick] = 0.0f;
      continue;
    }
    const auto kept = [&](std::size_t e) {
      return !(pick == 1 && static_cast<std::int32_t>(e) == order[0]) &&
             sparseMixerKeeps(gate, top, logits[e]);
    };
    ids[pick] = id;
    weights[pick] = maskedSoftmaxAt(logits, id, kept);
  }
}

} // namespace switchyard::routing
