#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/routing/policies/choosing.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

class ExpertChoicePolicy final : public StepPolicy<ExpertChoicePolicy> {
public:
  explicit ExpertChoicePolicy(double capacityFactor) : m_capacityFactor(capacityFactor) {}

  std::string_view id() const override { return "expert-choice"; }

  PolicyTraits traits() const override {
    PolicyTraits traits;
    traits.needsBatch = true;
    return traits;
  }

  int maxK(const LayerFacts& layer) const override { return layer.experts; }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    RowScores scores(batch, draft);
    SY_TRY(scores.check());
    const std::size_t tokens = batch.tokens.size();
    const auto experts = static_cast<std::size_t>(batch.layer.experts);
    std::vector<float> table(tokens * experts, kClosed);
    for (std::size_t t = 0; t < tokens; ++t) {
      const ChoiceRow row = SY_TRY(scores.at(static_cast<std::int64_t>(t)));
      for (const std::int32_t id : row.open)
        table[t * experts + static_cast<std::size_t>(id)] =
            row.scores[static_cast<std::size_t>(id)];
    }
    const std::vector<bool> taken = take(table, tokens, experts);

    draft.assignment.reset(static_cast<std::int64_t>(tokens), batch.layer.experts);
    std::vector<std::int32_t> mine;
    for (std::size_t t = 0; t < tokens; ++t) {
      mine.clear();
      for (std::size_t e = 0; e < experts; ++e)
        if (taken[t * experts + e])
          mine.push_back(static_cast<std::int32_t>(e));
      const auto row = std::span<const float>(table).subspan(t * experts, experts);
      for (const std::int32_t id : largest(mine, row, mine.size()))
        draft.assignment.push(static_cast<std::int64_t>(t), id,
                              row[static_cast<std::size_t>(id)] * batch.layer.gate->scale);
    }
    return Edit::Selection;
  }

private:
  static constexpr float kClosed = -1.0f; ///< scores are never negative

  std::size_t capacity(std::size_t tokens, std::size_t experts) const {
    const double exact =
        m_capacityFactor * static_cast<double>(tokens) / static_cast<double>(experts);
    // A product that is whole but for rounding is that whole number.
    const double rounded = std::ceil(exact - 1e-9 * std::max(1.0, exact));
    return static_cast<std::size_t>(std::min(rounded, static_cast<double>(tokens)));
  }

  /// [T, E] whether expert e took token t: larger score, then lower token.
  std::vector<bool> take(std::span<const float> table, std::size_t tokens,
                         std::size_t experts) const {
    std::vector<bool> taken(tokens * experts, false);
    std::vector<std::size_t> order(tokens);
    const std::size_t places = capacity(tokens, experts);
    for (std::size_t e = 0; e < experts; ++e) {
      std::iota(order.begin(), order.end(), std::size_t{0});
      const auto better = [table, experts, e](std::size_t a, std::size_t b) {
        const float left = table[a * experts + e];
        const float right = table[b * experts + e];
        return left != right ? left > right : a < b;
      };
      std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(places),
                        order.end(), better);
      for (std::size_t i = 0; i < places; ++i)
        if (table[order[i] * experts + e] != kClosed)
          taken[order[i] * experts + e] = true;
    }
    return taken;
  }

  double m_capacityFactor;
};

} // namespace

StepResult makeExpertChoice(OptionReader& options) {
  const double factor = SY_TRY(options.number("capacity-factor", 0.0, 1e6, 1.0));
  if (factor == 0.0)
    return options.refuse("capacity-factor", "is 0, must lie above 0");
  return std::make_unique<ExpertChoicePolicy>(factor);
}

} // namespace switchyard::routing
