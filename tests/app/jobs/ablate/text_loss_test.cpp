// Losses with one expert taken away: runs that begin at its layer against whole runs.

#include <gtest/gtest.h>

#include "app/jobs/ablate/measure.h"
#include "app/jobs/perplexity.h"
#include "app/jobs/prompts.h"
#include "core/routing/recipe.h"

namespace switchyard::jobs::ablate {
namespace {

class TextLossTest : public ::testing::Test {
protected:
  static const base::ThreadContext& threads() {
    static const base::ThreadContext context(2);
    return context;
  }
  void SetUp() override {
    model = model::Model::load(SY_DATA "/demo-model", threads()).value();
    const auto tokenizer = loadTokenizer(SY_DATA "/demo-model").value();
    prompts = readPrompts(SY_DATA "/prompts/domains.jsonl")->prompts;
    prompts.resize(3);
    windows = makeWindows(prompts, &tokenizer, true, 200).value();
  }

  static std::unique_ptr<routing::Policy> mask(const ExpertId& id, const std::string& mode) {
    const auto recipe = routing::parseRecipe(
        R"({"steps":[{"plugin":"mask","options":{"mode":")" + mode + R"(","experts":[")" +
            std::to_string(id.layer) + ":" + std::to_string(id.expert) + "\"]}}]}",
        {});
    return std::move(*routing::buildRecipe(*recipe));
  }

  /// The loss of each document as `perplexity` measures it.
  std::vector<double> whole(const routing::Policy* policy) const {
    std::vector<double> losses;
    const auto result =
        measurePerplexity(model, threads(), prompts, windows, {.policy = policy}, {});
    for (const DocumentLoss& loss : result->documents)
      losses.push_back(loss.sumNll);
    return losses;
  }

  Measurement run(const routing::Policy* policy, const ExpertId& id, const std::string& mode,
                  TextLoss& loss) {
    auto used = std::make_shared<UsedExperts>(windows.size(), layers());
    hooks::Observer* const observers[] = {used.get()};
    auto base = loss.baseline(observers, [&](std::size_t w) { used->beginWindow(w); }, {});
    const auto measurer =
        measureTexts(model, windows, loss, std::move(*base), used, mode == "zero");
    return measurer->run(policy, id, [] {}, {}).value();
  }

  std::vector<trace::LayerInfo> layers() const {
    std::vector<trace::LayerInfo> list;
    for (const routing::LayerFacts& layer : model->layerFacts())
      list.push_back({layer.layer.value, layer.experts, layer.k});
    return list;
  }

  std::shared_ptr<const model::Model> model;
  std::vector<Prompt> prompts;
  std::vector<Window> windows;
};

TEST_F(TextLossTest, BeginningAtTheLayerGivesTheBitsOfAWholeRun) {
  ASSERT_GT(windows.size(), prompts.size()) << "some document needs two windows";
  TextLoss loss(model, threads(), windows);
  const Measurement base = run(nullptr, {}, "zero", loss);
  const std::vector<double> plain = whole(nullptr);
  ASSERT_EQ(base.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i)
    EXPECT_NEAR(base[i].value, plain[i], 1e-9 * plain[i]) << "sums in another order";
  TextLoss unheld(model, threads(), windows, 0);
  for (const auto& [id, mode] :
       std::vector<std::pair<ExpertId, std::string>>{{{0, 3}, "zero"},
                                                     {{2, 7}, "zero-renorm"},
                                                     {{2, 8}, "zero"},
                                                     {{5, 19}, "route-around"}}) {
    const auto policy = mask(id, mode);
    const Measurement held = run(policy.get(), id, mode, loss);
    EXPECT_EQ(held, run(policy.get(), id, mode, unheld)) << "bit for bit";
    const std::vector<double> expected = whole(policy.get());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(held[i].value, expected[i], 1e-9 * expected[i]) << id.layer << " " << mode;
  }
}

TEST_F(TextLossTest, AnExpertThatNoTokenSelectsChangesNothing) {
  TextLoss loss(model, threads(), windows);
  auto used = std::make_shared<UsedExperts>(windows.size(), layers());
  hooks::Observer* const observers[] = {used.get()};
  const auto base = loss.baseline(observers, [&](std::size_t w) { used->beginWindow(w); }, {});
  int unused = 0;
  for (int expert = 0; expert < 32; ++expert) {
    const ExpertId id{5, expert};
    if (used->uses(0, id))
      continue;
    ++unused;
    auto policy = mask(id, "zero");
    ASSERT_TRUE(policy->begin(model->layerFacts()));
    EXPECT_EQ(*loss.loss(0, *policy, {}), (*base)[0]) << expert;
  }
  EXPECT_GT(unused, 0);
}

TEST_F(TextLossTest, RangesThatCannotBeRunAreRefused) {
  auto cache = std::move(*model::KvCache::create(model->config(), 8));
  model::Workspace work;
  const std::vector<base::TokenId> tokens{base::TokenId(5), base::TokenId(6)};
  const model::Segment segment{.cache = &cache, .tokens = tokens};
  const std::vector<float> stream(2 * static_cast<std::size_t>(model->config().hidden));
  for (const model::LayerRange& range :
       std::vector<model::LayerRange>{{.first = 3, .end = 3, .entering = stream},
                                      {.first = 6, .entering = stream},
                                      {.first = -1},
                                      {.first = 2},
                                      {.first = 2, .entering = std::span(stream).first(5)},
                                      {.first = 0, .entering = stream}})
    EXPECT_EQ(
        model->forward({&segment, 1}, {.threads = threads(), .range = range}, work).error().code,
        base::ErrorCode::InvalidArgument);
  EXPECT_EQ(cache.length(), 0);
}

} // namespace
} // namespace switchyard::jobs::ablate
