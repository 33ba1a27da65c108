#include "core/routing/gate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/routing/gate_steps.h"
#include "core/routing/scoring.h"

namespace switchyard::routing {

namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr float kNegativeInfinity = -std::numeric_limits<float>::infinity();

/// Experts that a call handles without allocating.
constexpr std::size_t kInlineExperts = 1024;
constexpr int kMaxExperts = 1 << 16;

/// Room for one row of T [E]: on the stack up to kInlineExperts.
template <typename T> class RowBuffer {
public:
  explicit RowBuffer(std::size_t size) : m_size(size) {
    if (size > kInlineExperts)
      m_large.resize(size);
  }
  std::span<T> span() {
    return m_size > kInlineExperts ? std::span<T>(m_large) : std::span<T>(m_inline).first(m_size);
  }

private:
  std::size_t m_size;
  std::array<T, kInlineExperts> m_inline;
  std::vector<T> m_large;
};

struct Scratch {
  explicit Scratch(std::size_t experts, std::size_t groups)
      : probs(experts), choice(experts), groupScores(groups), order(experts) {}
  RowBuffer<float> probs;
  RowBuffer<float> choice;
  RowBuffer<float> groupScores;
  RowBuffer<std::int32_t> order;
};

/// One row's part of the outputs.
struct Row {
  std::span<const float> logits;
  std::span<std::int32_t> ids;
  std::span<float> weights;
};

void topK(const GateConfig& gate, std::span<const float> bias, const Row& row, Scratch& scratch) {
  const std::span<float> probs = scratch.probs.span();
  const std::span<float> choice = scratch.choice.span();
  scoreRow(gate, row.logits, probs);
  std::ranges::copy(gate.score == Score::SoftmaxSelected ? row.logits
                                                         : std::span<const float>(probs),
                    choice.begin());
  for (std::size_t e = 0; e < bias.size(); ++e)
    choice[e] += bias[e];
  maskGroups(gate, choice, scratch.groupScores.span(), scratch.order.span());
  const std::span<std::int32_t> order = scratch.order.span();
  rank(choice, order, row.ids.size());
  std::ranges::copy(order.first(row.ids.size()), row.ids.begin());
  const std::span<const float> source =
      gate.score == Score::SoftmaxSelected ? row.logits : std::span<const float>(probs);
  std::ranges::transform(row.ids, row.weights.begin(), [source](std::int32_t id) {
    return source[static_cast<std::size_t>(id)];
  });
  if (gate.score == Score::SoftmaxSelected)
    softmax(row.weights, row.weights);
}

Result<void> checkInput(const GateConfig& gate, std::span<const float> logits,
                        std::span<const float> bias) {
  const auto experts = static_cast<std::size_t>(gate.experts);
  for (std::size_t e = 0; e < bias.size(); ++e)
    if (!std::isfinite(bias[e]))
      return fail(ErrorCode::NonFinite,
                  fmt::format("the choice bias of expert {} is NaN or infinite", e));
  for (std::size_t row = 0; row * experts < logits.size(); ++row) {
    const std::span<const float> z = logits.subspan(row * experts, experts);
    const bool bad = std::ranges::any_of(
        z, [](float value) { return !(value < std::numeric_limits<float>::infinity()); });
    if (bad || std::ranges::all_of(z, [](float value) { return value == kNegativeInfinity; }))
      return fail(ErrorCode::NonFinite,
                  fmt::format("the router logits of row {} {}; no expert can be chosen", row,
                              bad ? "hold NaN or +infinity" : "are all -infinity"));
  }
  return {};
}

bool fits(std::size_t have, std::size_t want, bool required) {
  return have == want || (have == 0 && !required);
}

} // namespace

Result<void> validate(const GateConfig& gate) {
  const auto refuse = [](std::string message) {
    return fail(ErrorCode::InvalidArgument, std::move(message));
  };
  if (gate.experts < 1 || gate.experts > kMaxExperts)
    return refuse(
        fmt::format("experts is {}, must be between 1 and {}", gate.experts, kMaxExperts));
  if (gate.k < 1 || gate.k > gate.experts)
    return refuse(
        fmt::format("k is {}, must be between 1 and the {} experts", gate.k, gate.experts));
  if (gate.score == Score::SparseMixer && gate.k != 2)
    return refuse(fmt::format("k is {}, SparseMixer picks exactly 2", gate.k));
  if (!(gate.jitter >= 0.0f) || !std::isfinite(gate.jitter))
    return refuse("jitter must be a finite number, 0 or above");
  if (!std::isfinite(gate.scale))
    return refuse("scale must be finite");
  if (!(gate.renormEps >= 0.0f) || !std::isfinite(gate.renormEps))
    return refuse("renormEps must be a finite number, 0 or above");
  if (gate.groupScore == GroupScore::None)
    return {};
  if (gate.score == Score::SparseMixer)
    return refuse("SparseMixer has no expert groups");
  if (gate.groups < 1 || gate.experts % gate.groups != 0)
    return refuse(fmt::format("{} groups do not divide {} experts", gate.groups, gate.experts));
  if (gate.groupsKept < 1 || gate.groupsKept > gate.groups)
    return refuse(fmt::format("groupsKept is {}, must be between 1 and the {} groups",
                              gate.groupsKept, gate.groups));
  const int size = gate.experts / gate.groups;
  if (gate.groupScore == GroupScore::Top2Sum && size < 2)
    return refuse("groups of one expert have no two best scores to sum");
  if (gate.k > gate.groupsKept * size)
    return refuse(fmt::format("k is {}, but the {} groups that are kept hold only {} experts",
                              gate.k, gate.groupsKept, gate.groupsKept * size));
  if (std::isnan(gate.groupFill) || gate.groupFill == std::numeric_limits<float>::infinity())
    return refuse("groupFill must be finite or -infinity");
  return {};
}

Result<void> route(const GateConfig& gate, std::span<const float> logits,
                   std::span<const float> choiceBias, const Selection& out) {
  const auto experts = static_cast<std::size_t>(gate.experts);
  const auto k = static_cast<std::size_t>(gate.k);
  const std::size_t rows = experts == 0 ? 0 : logits.size() / experts;
  if (experts == 0 || logits.size() != rows * experts || !fits(choiceBias.size(), experts, false) ||
      !fits(out.ids.size(), rows * k, true) || !fits(out.weights.size(), rows * k, true) ||
      !fits(out.rawWeights.size(), rows * k, false) ||
      !fits(out.probs.size(), logits.size(), false) ||
      !fits(out.biasedScores.size(), logits.size(), false))
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the router's arrays do not fit {} experts and k = {}", experts, k));
  SY_TRY(checkInput(gate, logits, choiceBias));
  Scratch scratch(experts, static_cast<std::size_t>(gate.groups));
  for (std::size_t r = 0; r < rows; ++r) {
    const Row row{logits.subspan(r * experts, experts), out.ids.subspan(r * k, k),
                  out.weights.subspan(r * k, k)};
    if (gate.score == Score::SparseMixer) {
      scoreRow(gate, row.logits, scratch.probs.span());
      std::ranges::copy(row.logits, scratch.choice.span().begin());
      sparseMixerRow(gate, row.logits, row.ids, row.weights, scratch.order.span());
    } else {
      topK(gate, choiceBias, row, scratch);
    }
    if (!out.rawWeights.empty())
      std::ranges::copy(row.weights, out.rawWeights.subspan(r * k, k).begin());
    if (!out.probs.empty())
      std::ranges::copy(scratch.probs.span(), out.probs.subspan(r * experts, experts).begin());
    if (!out.biasedScores.empty())
      std::ranges::copy(scratch.choice.span(),
                        out.biasedScores.subspan(r * experts, experts).begin());
    normaliseWeights(gate, row.weights);
  }
  return {};
}

} // namespace switchyard::routing
