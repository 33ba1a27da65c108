#include <fmt/format.h>

#include "core/base/rng.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"
#include "core/routing/reroute.h"

namespace switchyard::routing {

namespace {

enum class HashMethod : std::size_t { Table, Modulo, Philox };

class HashPolicy final : public StepPolicy<HashPolicy> {
public:
  HashPolicy(HashMethod method, std::vector<std::int64_t> table, std::uint32_t seed)
      : m_method(method),
        m_table(std::make_shared<const std::vector<std::int64_t>>(std::move(table))), m_seed(seed) {
  }

  std::string_view id() const override { return "hash"; }

  PolicyTraits traits() const override {
    PolicyTraits traits;
    traits.needsTokenId = true;
    return traits;
  }

  int maxK(const LayerFacts&) const override { return 1; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    for (const LayerFacts& layer : layers)
      for (std::size_t token = 0; token < m_table->size(); ++token)
        if ((*m_table)[token] >= layer.experts)
          return base::fail(base::ErrorCode::InvalidArgument,
                            fmt::format("step 'hash': the table sends token {} to expert {}, the "
                                        "layer has {}",
                                        token, (*m_table)[token], layer.experts),
                            {.layer = layer.layer});
    return {};
  }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    draft.assignment.reset(static_cast<std::int64_t>(batch.tokens.size()), 1);
    for (std::size_t row = 0; row < batch.tokens.size(); ++row) {
      const std::int32_t token = batch.tokens[row].token.value;
      if (token < 0)
        return base::fail(base::ErrorCode::InvalidArgument,
                          "step 'hash': the token id is not known here, and the expert depends on "
                          "it alone",
                          whereOf(batch.layer, batch.tokens, row));
      if (m_method == HashMethod::Table && static_cast<std::size_t>(token) >= m_table->size())
        return base::fail(base::ErrorCode::InvalidArgument,
                          fmt::format("step 'hash': token id {} is beyond the table of {} entries",
                                      token, m_table->size()),
                          whereOf(batch.layer, batch.tokens, row));
      draft.assignment.push(static_cast<std::int64_t>(row), expertOf(token, batch.layer.experts),
                            1.0f);
    }
    return Edit::Selection;
  }

private:
  std::int32_t expertOf(std::int32_t token, int experts) const {
    switch (m_method) {
    case HashMethod::Table:
      return static_cast<std::int32_t>((*m_table)[static_cast<std::size_t>(token)]);
    case HashMethod::Modulo:
      return token % experts;
    case HashMethod::Philox:
      break;
    }
    const std::uint32_t word =
        base::philox4x32({static_cast<std::uint32_t>(token), 0, 0, 0}, {m_seed, 0})[0];
    return static_cast<std::int32_t>(std::uint64_t{word} * static_cast<std::uint64_t>(experts) >>
                                     32);
  }

  HashMethod m_method;
  std::shared_ptr<const std::vector<std::int64_t>> m_table; ///< shared by clones
  std::uint32_t m_seed;
};

} // namespace

StepResult makeHash(OptionReader& options) {
  const auto method =
      static_cast<HashMethod>(SY_TRY(options.choice("method", {"table", "modulo", "philox"})));
  auto table = SY_TRY(options.integers("table", 0, 1 << 16));
  const std::int64_t seed = SY_TRY(options.integer("seed", 0, UINT32_MAX, 0));
  if ((method == HashMethod::Table) == table.empty())
    return options.refuse("table", "is required with method 'table', and only there");
  return std::make_unique<HashPolicy>(method, std::move(table), static_cast<std::uint32_t>(seed));
}

} // namespace switchyard::routing
