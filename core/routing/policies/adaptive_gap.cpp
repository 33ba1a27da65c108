#include <cmath>

#include "core/routing/policies/choosing.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

enum class SkipRule : std::size_t { Gap, Naee, AdapMoe };

class AdaptiveGapPolicy final : public StepPolicy<AdaptiveGapPolicy> {
public:
  AdaptiveGapPolicy(SkipRule rule, double limit, bool renorm)
      : m_rule(rule), m_limit(limit), m_renorm(renorm) {}

  std::string_view id() const override { return "adaptive-gap"; }
  int maxK(const LayerFacts&) const override { return 2; }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    return chooseRows(batch, draft, 2, [this](const ChoiceRow& row, Assignment& out) {
      choose(row, out);
      return base::Result<void>{};
    });
  }

private:
  bool skips(float share1, float share2) const {
    const double first = share1;
    const double second = share2;
    if (m_rule == SkipRule::Gap)
      return first - second > m_limit;
    const double total = first + second;
    const double w1 = total > 0.0 ? first / total : 1.0;
    const double w2 = total > 0.0 ? second / total : 0.0;
    return m_rule == SkipRule::Naee ? w2 < m_limit * w1 : w2 < m_limit;
  }

  void choose(const ChoiceRow& row, Assignment& out) const {
    std::vector<std::int32_t> ids = largest(row.open, row.shares, 2);
    const auto at = [](std::span<const float> values, std::int32_t id) {
      return values[static_cast<std::size_t>(id)];
    };
    if (ids.size() == 2 && skips(at(row.shares, ids[0]), at(row.shares, ids[1]))) {
      out.drops.push_back({static_cast<std::int32_t>(row.row), 1, ids[1]});
      ids.pop_back();
    }
    std::vector<float> weights;
    for (const std::int32_t id : ids)
      weights.push_back(at(row.scores, id));
    give(row, ids, weights, m_renorm, out);
  }

  SkipRule m_rule;
  double m_limit; ///< gap: of p1 - p2; naee: beta; adapmoe: sqrt(t / sensitivity)
  bool m_renorm;
};

} // namespace

StepResult makeAdaptiveGap(OptionReader& options) {
  const auto rule =
      static_cast<SkipRule>(SY_TRY(options.choice("rule", {"gap", "naee", "adapmoe"})));
  const bool renorm = SY_TRY(options.flag("renorm")).value_or(true);
  double limit = 0.0;
  switch (rule) {
  case SkipRule::Gap:
    limit = SY_TRY(options.number("threshold", 0.0, 1.0, 0.1));
    break;
  case SkipRule::Naee:
    limit = SY_TRY(options.number("beta", 0.0, 1.0));
    break;
  case SkipRule::AdapMoe: {
    const double t = SY_TRY(options.number("t", 0.0, 1.0, 0.005));
    const double sensitivity = SY_TRY(options.number("sensitivity", 0.0, 1e12));
    if (sensitivity == 0.0)
      return options.refuse("sensitivity", "is 0, must lie above 0");
    limit = std::sqrt(t / sensitivity);
    break;
  }
  }
  return std::make_unique<AdaptiveGapPolicy>(rule, limit, renorm);
}

} // namespace switchyard::routing
