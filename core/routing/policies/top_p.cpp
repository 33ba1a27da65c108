#include <algorithm>

#include "core/routing/policies/choosing.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

enum class CutRule : std::uint8_t {
  NotAbove, ///< keep while the sum before is <= limit (top-p)
  Below,    ///< keep while it is < limit (XMoE)
};

class CumulativePolicy final : public StepPolicy<CumulativePolicy> {
public:
  CumulativePolicy(std::string_view id, CutRule rule, double limit, int maxExperts,
                   std::optional<bool> renorm)
      : m_id(id), m_rule(rule), m_limit(limit), m_maxExperts(maxExperts), m_renorm(renorm) {}

  std::string_view id() const override { return m_id; }

  int maxK(const LayerFacts& layer) const override {
    return m_maxExperts > 0 ? std::min(m_maxExperts, layer.experts) : layer.experts;
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    const int most = maxK(batch.layer);
    const bool renorm = m_renorm.value_or(renormalises(*batch.layer.gate));
    return chooseRows(batch, draft, most, [&](const ChoiceRow& row, Assignment& out) {
      choose(row, static_cast<std::size_t>(most), renorm, out);
      return base::Result<void>{};
    });
  }

private:
  void choose(const ChoiceRow& row, std::size_t most, bool renorm, Assignment& out) const {
    std::vector<std::int32_t> ids = largest(row.open, row.shares, most);
    std::vector<float> weights;
    double before = 0.0;
    for (const std::int32_t id : ids) {
      const bool keep = m_rule == CutRule::NotAbove ? before <= m_limit : before < m_limit;
      if (!keep && !weights.empty())
        break;
      weights.push_back(row.scores[static_cast<std::size_t>(id)]);
      before += row.shares[static_cast<std::size_t>(id)];
    }
    ids.resize(weights.size());
    give(row, ids, weights, renorm, out);
  }

  std::string_view m_id;
  CutRule m_rule;
  double m_limit;
  int m_maxExperts; ///< 0: no bound
  std::optional<bool> m_renorm;
};

StepResult make(std::string_view id, CutRule rule, std::string_view limitKey,
                OptionReader& options) {
  const double limit = SY_TRY(options.number(limitKey, 0.0, 1.0));
  const std::int64_t most = SY_TRY(options.integer("max-k", 0, 1 << 16, 0));
  const std::optional<bool> renorm = SY_TRY(options.flag("renorm"));
  if (limit == 0.0)
    return options.refuse(limitKey, "is 0, must lie above 0");
  return std::make_unique<CumulativePolicy>(id, rule, limit, static_cast<int>(most), renorm);
}

} // namespace

StepResult makeTopP(OptionReader& options) {
  return make("top-p", CutRule::NotAbove, "p", options);
}

StepResult makeThreshold(OptionReader& options) {
  return make("threshold", CutRule::Below, "threshold", options);
}

} // namespace switchyard::routing
