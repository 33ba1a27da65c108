#include <limits>

#include <fmt/format.h>

#include "core/base/rng.h"
#include "core/plugin/adapters.h"
#include "core/plugin/conformance_suites.h"

namespace switchyard::plugin {

namespace {

constexpr int kLayers = 2;
constexpr int kExperts = 16;
constexpr int kK = 4;

/// A batch of tokens at one layer with the model's own routing of it.
struct Scene {
  std::vector<routing::TokenFacts> tokens;
  std::vector<float> logits, previous, input;
  routing::RoutingDraft own;
};

routing::GateConfig gate() {
  routing::GateConfig config;
  config.experts = kExperts;
  config.k = kK;
  config.renorm = routing::Renorm::Sum;
  return config;
}

/// Rows of random logits, and rows that are hard: ties, huge values, banned experts.
Scene makeScene(std::uint64_t seed, std::int64_t rows) {
  Scene scene;
  base::Rng rng(seed);
  for (std::int64_t t = 0; t < rows; ++t) {
    scene.tokens.push_back({base::SequenceId(0), base::TokenPos(t),
                            base::TokenId(static_cast<std::int32_t>(rng.nextBelow(50))),
                            t > rows / 2});
    for (int e = 0; e < kExperts; ++e) {
      float logit = static_cast<float>(2.0 * rng.nextNormal());
      if (t % 8 == 5)
        logit = 1.0f;
      if (t % 8 == 6)
        logit *= 1e4f;
      if (t % 8 == 7 && e % 3 == 0)
        logit = -std::numeric_limits<float>::infinity();
      scene.logits.push_back(logit);
      scene.previous.push_back(static_cast<float>(rng.nextNormal()));
    }
    for (int h = 0; h < 8; ++h)
      scene.input.push_back(static_cast<float>(rng.nextNormal()));
  }
  scene.own.logits = scene.logits;
  routing::Assignment& assignment = scene.own.assignment;
  assignment.reset(rows, kK);
  assignment.rawWeights.assign(assignment.weights.size(), 0.0f);
  routing::Selection selection{.ids = assignment.ids,
                               .weights = assignment.weights,
                               .rawWeights = assignment.rawWeights,
                               .probs = {},
                               .biasedScores = {}};
  if (routing::route(gate(), scene.logits, {}, selection))
    assignment.counts.assign(static_cast<std::size_t>(rows), kK);
  return scene;
}

struct Facts {
  routing::GateConfig config = gate();
  std::vector<routing::LayerFacts> layers;
  Facts() {
    for (int l = 0; l < kLayers; ++l)
      layers.push_back({base::LayerId(l), l, kLayers, kExperts, kK, &config, {}});
  }
};

base::Result<routing::RoutingDraft> apply(routing::Policy& policy, const Facts& facts,
                                          const Scene& scene, int layer) {
  routing::RoutingBatch batch;
  batch.layer = facts.layers[static_cast<std::size_t>(layer)];
  batch.tokens = scene.tokens;
  batch.modelLogits = scene.logits;
  batch.previousLogits =
      layer > 0 ? std::span<const float>(scene.previous) : std::span<const float>();
  batch.input = scene.input;
  batch.hidden = 8;
  batch.seed = 99;
  routing::RoutingDraft draft = scene.own;
  SY_TRY(policy.apply(batch, draft));
  return draft;
}

bool sameRow(const routing::RoutingDraft& a, std::int64_t rowA, const routing::RoutingDraft& b,
             std::int64_t rowB) {
  const auto width = static_cast<std::size_t>(kExperts);
  const auto logits = [&](const routing::RoutingDraft& d, std::int64_t row) {
    return std::span(d.logits).subspan(static_cast<std::size_t>(row) * width, width);
  };
  return std::ranges::equal(a.assignment.idsOf(rowA), b.assignment.idsOf(rowB)) &&
         std::ranges::equal(a.assignment.weightsOf(rowA), b.assignment.weightsOf(rowB)) &&
         std::ranges::equal(logits(a, rowA), logits(b, rowB));
}

Outcome error(const base::Error& e) {
  return failed(e.describe());
}

/// The scene of one row of another.
Scene rowOf(const Scene& from, std::int64_t row) {
  Scene one;
  const auto r = static_cast<std::size_t>(row);
  const auto part = [&](const std::vector<float>& values, std::size_t width) {
    return std::vector<float>(values.begin() + static_cast<std::ptrdiff_t>(r * width),
                              values.begin() + static_cast<std::ptrdiff_t>((r + 1) * width));
  };
  one.tokens = {from.tokens[r]};
  one.logits = part(from.logits, kExperts);
  one.previous = part(from.previous, kExperts);
  one.input = part(from.input, 8);
  one.own.logits = one.logits;
  one.own.assignment.reset(1, kK);
  one.own.assignment.counts = {from.own.assignment.counts[r]};
  one.own.assignment.weights = part(from.own.assignment.weights, kK);
  one.own.assignment.rawWeights = part(from.own.assignment.rawWeights, kK);
  for (std::size_t s = 0; s < kK; ++s)
    one.own.assignment.ids[s] = from.own.assignment.ids[r * kK + s];
  return one;
}

} // namespace

void checkRouter(const std::shared_ptr<const LoadedPlugin>& plugin, const OptionValues& options,
                 const HostContext& context, const RunCheck& run) {
  const Facts facts;
  std::unique_ptr<routing::Policy> policy;
  run("router: can be made and begun", [&]() -> Outcome {
    auto made = makePolicy(plugin, options, context);
    if (!made)
      return error(made.error());
    if (auto begun = (*made)->begin(facts.layers); !begun)
      return error(begun.error());
    policy = std::move(*made);
    return passed();
  });
  if (policy == nullptr)
    return;
  const routing::PolicyTraits traits = policy->traits();
  const Scene scene = makeScene(1, 40);
  const auto fresh = [&]() -> base::Result<std::unique_ptr<routing::Policy>> {
    auto made = SY_TRY(makePolicy(plugin, options, context));
    SY_TRY(made->begin(facts.layers));
    return made;
  };
  run("router: valid output", [&]() -> Outcome {
    for (const std::int64_t rows : {1, 2, 40, 257})
      for (int layer = 0; layer < kLayers; ++layer) {
        const auto draft =
            apply(*policy, facts, makeScene(static_cast<std::uint64_t>(rows), rows), layer);
        if (!draft)
          return error(draft.error());
      }
    return passed();
  });
  run("router: determinism", [&]() -> Outcome {
    auto a = fresh(), b = fresh();
    if (!a || !b)
      return error(a ? b.error() : a.error());
    const auto first = apply(**a, facts, scene, 0), second = apply(**b, facts, scene, 0);
    if (!first || !second)
      return error(first ? second.error() : first.error());
    for (std::int64_t row = 0; row < 40; ++row)
      if (!sameRow(*first, row, *second, row))
        return failed(fmt::format("row {} of the same batch came out in two ways", row));
    return passed();
  });
  run("router: a row does not depend on its neighbours", [&]() -> Outcome {
    if (traits.needsBatch || traits.stateful)
      return skipped("it says that it needs the batch, or keeps state");
    const auto whole = apply(*policy, facts, scene, 1);
    if (!whole)
      return error(whole.error());
    for (std::int64_t row = 0; row < 40; ++row) {
      const auto one = apply(*policy, facts, rowOf(scene, row), 1);
      if (!one)
        return error(one.error());
      if (!sameRow(*whole, row, *one, 0))
        return failed(fmt::format("row {} came out otherwise alone; set needs_batch", row));
    }
    return passed();
  });
  run("router: a clone continues the same", [&]() -> Outcome {
    const auto copy = policy->clone();
    const auto a = apply(*policy, facts, scene, 0), b = apply(*copy, facts, scene, 0);
    if (!a || !b)
      return error(a ? b.error() : a.error());
    for (std::int64_t row = 0; row < 40; ++row)
      if (!sameRow(*a, row, *b, row))
        return failed(fmt::format("row {} came out otherwise in the clone", row));
    return passed();
  });
}

} // namespace switchyard::plugin
