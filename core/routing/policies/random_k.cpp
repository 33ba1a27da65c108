#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/base/rng.h"
#include "core/routing/policies/choosing.h"
#include "core/routing/policies/step_policy.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

enum class RandomWeights : std::size_t { Keep, Equal, Raw, Renorm };

class RandomPolicy final : public StepPolicy<RandomPolicy> {
public:
  RandomPolicy(int k, RandomWeights weights, std::optional<std::uint64_t> seed)
      : m_k(k), m_weights(weights), m_seed(seed) {}

  std::string_view id() const override { return "random"; }

  base::Result<void> begin(std::span<const LayerFacts> layers) override {
    for (const LayerFacts& layer : layers)
      if (m_k > layer.experts)
        return base::fail(
            base::ErrorCode::InvalidArgument,
            fmt::format("step 'random': k is {}, the layer has {} experts", m_k, layer.experts),
            {.layer = layer.layer});
    return {};
  }

  int maxK(const LayerFacts& layer) const override { return m_k > 0 ? m_k : layer.experts; }

  base::Result<Edit> apply(const RoutingBatch& batch, RoutingDraft& draft) override {
    const Assignment before = draft.assignment;
    const std::uint64_t seed = m_seed.value_or(batch.seed);
    const int most = m_k > 0 ? m_k : before.maxK;
    return chooseRows(batch, draft, most, [&](const ChoiceRow& row, Assignment& out) {
      const std::vector<std::uint32_t> words = wordsOf(row, seed);
      const auto kept = before.weightsOf(row.row);
      const std::size_t count = m_k > 0 ? static_cast<std::size_t>(m_k) : kept.size();
      const std::vector<std::int32_t> ids = draw(row.open, words, count);
      if (m_weights == RandomWeights::Keep) {
        for (std::size_t rank = 0; rank < ids.size(); ++rank)
          out.push(row.row, ids[rank], kept[rank]);
        return base::Result<void>{};
      }
      std::vector<float> weights;
      for (const std::int32_t id : ids)
        weights.push_back(m_weights == RandomWeights::Equal
                              ? 1.0f / static_cast<float>(ids.size())
                              : row.scores[static_cast<std::size_t>(id)]);
      give(row, ids, weights, m_weights == RandomWeights::Renorm, out);
      return base::Result<void>{};
    });
  }

private:
  static std::vector<std::uint32_t> wordsOf(const ChoiceRow& row, std::uint64_t seed) {
    const base::PhiloxKey key{static_cast<std::uint32_t>(seed),
                              static_cast<std::uint32_t>(seed >> 32)};
    std::vector<std::uint32_t> words(row.logits.size());
    base::PhiloxCounter block{};
    for (std::size_t e = 0; e < words.size(); ++e) {
      if (e % 4 == 0)
        block = base::philox4x32({static_cast<std::uint32_t>(row.token.position.value),
                                  static_cast<std::uint32_t>(row.layer.layer.value),
                                  static_cast<std::uint32_t>(e / 4),
                                  static_cast<std::uint32_t>(row.token.sequence.value)},
                                 key);
      words[e] = block[e % 4];
    }
    return words;
  }

  static std::vector<std::int32_t> draw(std::span<const std::int32_t> open,
                                        std::span<const std::uint32_t> words, std::size_t count) {
    std::vector<std::int32_t> ids(open.begin(), open.end());
    std::ranges::sort(ids, [words](std::int32_t a, std::int32_t b) {
      const std::uint32_t left = words[static_cast<std::size_t>(a)];
      const std::uint32_t right = words[static_cast<std::size_t>(b)];
      return left != right ? left > right : a < b;
    });
    ids.resize(std::min(count, ids.size()));
    return ids;
  }

  int m_k; ///< 0: as many as the token has
  RandomWeights m_weights;
  std::optional<std::uint64_t> m_seed;
};

} // namespace

StepResult makeRandom(OptionReader& options) {
  const std::int64_t k = SY_TRY(options.integer("k", 0, 1 << 16, 0));
  const std::size_t chosen = SY_TRY(options.choice("weights", {"keep", "equal", "raw", "renorm"}));
  const std::int64_t given = SY_TRY(options.integer("seed", 0, INT64_MAX, 0));
  const auto seed =
      options.has("seed") ? std::optional(static_cast<std::uint64_t>(given)) : std::nullopt;
  auto weights = static_cast<RandomWeights>(chosen);
  if (k > 0 && weights == RandomWeights::Keep) {
    if (options.has("weights"))
      return options.refuse("weights", "'keep' needs k = 0: as many experts as the token has");
    weights = RandomWeights::Equal;
  }
  return std::make_unique<RandomPolicy>(static_cast<int>(k), weights, seed);
}

} // namespace switchyard::routing
