#include "core/model/backward_gate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/hooks/events.h"
#include "core/routing/gate_steps.h"

namespace switchyard::model {

namespace {

using routing::GateConfig;
using routing::Score;

struct Row {
  const GateConfig& gate;
  std::span<const float> logits;
  std::span<const std::int32_t> ids;
  std::span<const float> weightGradient;
  std::span<float> out;
};

/// The visited slots of a row, in rank order: visit(rank, expert).
template <typename Visit> void eachSlot(const Row& row, Visit&& visit) {
  for (std::size_t rank = 0; rank < row.ids.size(); ++rank)
    if (row.ids[rank] != hooks::kNoExpert)
      visit(rank, static_cast<std::size_t>(row.ids[rank]));
}

/// From final weights back to the scores they were gathered from: the gradient by the score of rank
/// r is factor * weightGradient[r] - shift.
struct Normalised {
  double factor;
  double shift;
};

/// score(expert): as the gate computed it, before renormalisation and scale.
template <typename ScoreOf> Normalised normalise(const Row& row, ScoreOf&& score) {
  double sum = 0.0;
  double product = 0.0;
  eachSlot(row, [&](std::size_t rank, std::size_t expert) {
    sum += score(expert);
    product += score(expert) * row.weightGradient[rank];
  });
  const double scale = row.gate.scale;
  const double eps = row.gate.renormEps;
  switch (row.gate.renorm) {
  case routing::Renorm::Sum:
    return {scale / (sum + eps), scale * product / ((sum + eps) * (sum + eps))};
  case routing::Renorm::ClampMin:
    if (sum >= eps)
      return {scale / sum, scale * product / (sum * sum)};
    return {scale / eps, 0.0};
  case routing::Renorm::None:
    break;
  }
  return {scale, 0.0};
}

/// Softmax over the experts that `reaches` keeps: dz_j = p_j (ds_j - sum of ds_i p_i).
template <typename Reaches> void softmaxBack(const Row& row, Reaches&& reaches) {
  double top = -std::numeric_limits<double>::infinity();
  for (std::size_t e = 0; e < row.logits.size(); ++e)
    if (reaches(e))
      top = std::max(top, static_cast<double>(row.logits[e]));
  double total = 0.0;
  for (std::size_t e = 0; e < row.logits.size(); ++e)
    if (reaches(e))
      total += std::exp(row.logits[e] - top);
  const auto probability = [&](std::size_t e) { return std::exp(row.logits[e] - top) / total; };
  const Normalised back = normalise(row, probability);
  double mean = 0.0;
  eachSlot(row, [&](std::size_t rank, std::size_t expert) {
    mean += (back.factor * row.weightGradient[rank] - back.shift) * probability(expert);
  });
  for (std::size_t e = 0; e < row.logits.size(); ++e)
    row.out[e] = reaches(e) ? static_cast<float>(-mean * probability(e)) : 0.0f;
  eachSlot(row, [&](std::size_t rank, std::size_t expert) {
    const double own = back.factor * row.weightGradient[rank] - back.shift;
    row.out[expert] = static_cast<float>((own - mean) * probability(expert));
  });
}

void sigmoidBack(const Row& row) {
  const auto sigmoid = [&](std::size_t e) {
    return 1.0 / (1.0 + std::exp(-static_cast<double>(row.logits[e])));
  };
  const Normalised back = normalise(row, sigmoid);
  std::ranges::fill(row.out, 0.0f);
  eachSlot(row, [&](std::size_t rank, std::size_t expert) {
    const double s = sigmoid(expert);
    const double own = back.factor * row.weightGradient[rank] - back.shift;
    row.out[expert] = static_cast<float>(own * s * (1.0 - s));
  });
}

/// Each pick is weighted by a softmax of its own; the weight's factor is the gate's (none in
/// published checkpoints).
void sparseMixerBack(const Row& row) {
  std::ranges::fill(row.out, 0.0f);
  const auto probabilityOf = [&](std::size_t rank, std::size_t picked, auto&& visit) {
    const float top = row.logits[picked];
    const auto reaches = [&](std::size_t e) {
      return !(rank == 1 && static_cast<std::int32_t>(e) == row.ids[0]) &&
             routing::sparseMixerKeeps(row.gate, top, row.logits[e]);
    };
    double total = 0.0;
    for (std::size_t e = 0; e < row.logits.size(); ++e)
      if (reaches(e))
        total += std::exp(static_cast<double>(row.logits[e]) - top);
    for (std::size_t e = 0; e < row.logits.size(); ++e)
      if (reaches(e))
        visit(e, std::exp(static_cast<double>(row.logits[e]) - top) / total);
  };
  double weights[2] = {0.0, 0.0};
  eachSlot(row, [&](std::size_t rank, std::size_t expert) {
    probabilityOf(rank, expert, [&](std::size_t e, double p) {
      if (e == expert)
        weights[rank] = p;
    });
  });
  const Normalised back = normalise(row, [&](std::size_t expert) {
    return static_cast<std::int32_t>(expert) == row.ids[0] ? weights[0] : weights[1];
  });
  eachSlot(row, [&](std::size_t rank, std::size_t expert) {
    const double own = back.factor * row.weightGradient[rank] - back.shift;
    probabilityOf(rank, expert, [&](std::size_t e, double p) {
      row.out[e] += static_cast<float>(own * weights[rank] * ((e == expert ? 1.0 : 0.0) - p));
    });
  });
}

} // namespace

void gateGradient(const GateConfig& gate, std::span<const float> logits,
                  std::span<const std::int32_t> ids, std::span<const float> weightGradient,
                  std::span<float> logitGradient) {
  const Row row{gate, logits, ids, weightGradient, logitGradient};
  switch (gate.score) {
  case Score::SoftmaxAll:
    return softmaxBack(row, [](std::size_t) { return true; });
  case Score::SoftmaxSelected:
    return softmaxBack(row, [ids](std::size_t e) {
      return std::ranges::find(ids, static_cast<std::int32_t>(e)) != ids.end();
    });
  case Score::Sigmoid:
    return sigmoidBack(row);
  case Score::SparseMixer:
    return sparseMixerBack(row);
  }
}

} // namespace switchyard::model
