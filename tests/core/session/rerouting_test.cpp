// Continuous rerouting: offsets fitted to a context.

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/session/rerouting.h"
#include "tests/support/reference.h"

namespace switchyard::session {
namespace {

class Rerouting : public ::testing::Test {
protected:
  static const base::ThreadContext& threads() {
    static const base::ThreadContext context(2);
    return context;
  }
  static void SetUpTestSuite() {
    auto model = model::Model::load(SY_DATA "/demo-model", threads());
    ASSERT_TRUE(model) << model.error().describe();
    s_model = *model;
  }
  static void TearDownTestSuite() { s_model.reset(); }

  static std::vector<base::TokenId> tokens(const std::string& prompt) {
    const tests::Reference reference(SY_TEST_DATA "/golden/demo/gradient.safetensors");
    std::vector<base::TokenId> ids;
    for (const std::int64_t id : reference.integers(prompt + ".ids"))
      ids.emplace_back(static_cast<std::int32_t>(id));
    return ids;
  }

  static Rerouter rerouter(const ReroutingOptions& options) {
    auto created = Rerouter::create(s_model, threads(), options);
    EXPECT_TRUE(created) << created.error().describe();
    return std::move(*created);
  }

  static ReroutingReport adapt(Rerouter& rerouter, const std::string& prompt = "g0") {
    auto report = rerouter.adapt(tokens(prompt));
    EXPECT_TRUE(report) << report.error().describe();
    return std::move(*report);
  }

  static std::vector<float> goldenGradient(const std::string& prompt) {
    return tests::Reference(SY_TEST_DATA "/golden/demo/gradient.safetensors")
        .floats(prompt + ".grad");
  }

  static constexpr std::size_t kLayers = 6;
  static constexpr std::size_t kExperts = 32;
  static std::shared_ptr<const model::Model> s_model;
};

std::shared_ptr<const model::Model> Rerouting::s_model;

TEST_F(Rerouting, OneStepOfSgdIsTheRateTimesTheGradient) {
  Rerouter one = rerouter({.optimizer = OffsetOptimizer::Sgd, .steps = 1, .rate = 2.0,
                           .fraction = 1.0});
  adapt(one);
  const auto gradient = goldenGradient("g0");
  const double tolerance = 2.0 * 1e-4 * tests::largestMagnitude(gradient);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    EXPECT_NEAR(one.offsets()[i], -2.0 * gradient[i], tolerance);
}

TEST_F(Rerouting, TheFirstStepOfAdamIsTheRateInTheDirectionOfDescent) {
  Rerouter one = rerouter({.steps = 1, .fraction = 1.0});
  adapt(one);
  const auto gradient = goldenGradient("g0");
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    if (std::abs(gradient[i]) < 1e-5) // too near epsilon and rounding
      continue;
    EXPECT_NEAR(one.offsets()[i], gradient[i] > 0 ? -0.05 : 0.05, 2e-4);
  }
}

TEST_F(Rerouting, TheLossOfTheContextFalls) {
  for (const auto optimizer : {OffsetOptimizer::Adam, OffsetOptimizer::Sgd}) {
    const bool sgd = optimizer == OffsetOptimizer::Sgd;
    Rerouter rerouter = Rerouting::rerouter({.optimizer = optimizer, .rate = sgd ? 1.0 : 0.01});
    const ReroutingReport report = adapt(rerouter);
    ASSERT_EQ(report.losses.size(), 6u);
    EXPECT_LT(report.lossAfter(), report.lossBefore());
  }
}

TEST_F(Rerouting, HardMovesHalfOfTheLayersAndTheSwitchMovesTheOthers) {
  Rerouter literal = rerouter({});
  Rerouter reversed = rerouter({.direction = LayerDirection::MostConfident});
  const ReroutingReport a = adapt(literal);
  const ReroutingReport b = adapt(reversed);
  double leastMoved = std::numeric_limits<double>::infinity();
  double mostLeft = 0;
  for (std::size_t l = 0; l < kLayers; ++l) {
    EXPECT_EQ(a.layers[l].confidence, b.layers[l].confidence);
    EXPECT_EQ(a.layers[l].factor + b.layers[l].factor, 1.0);
    EXPECT_EQ(a.layers[l].norm > 0, a.layers[l].factor > 0);
    (a.layers[l].factor > 0 ? leastMoved : mostLeft) =
        a.layers[l].factor > 0 ? std::min(leastMoved, a.layers[l].confidence)
                               : std::max(mostLeft, a.layers[l].confidence);
  }
  EXPECT_GT(leastMoved, mostLeft);
}

TEST_F(Rerouting, SoftMovesEveryLayerByItsShareOfTheScore) {
  Rerouter soft = rerouter({.steps = 1, .layers = LayerSelection::Soft});
  const ReroutingReport report = adapt(soft);
  double largest = 0;
  for (const ReroutedLayer& layer : report.layers)
    largest = std::max(largest, layer.confidence);
  for (std::size_t l = 0; l < kLayers; ++l) {
    EXPECT_DOUBLE_EQ(report.layers[l].factor, report.layers[l].confidence / largest);
    const auto own = soft.offsets().subspan(l * kExperts, kExperts);
    const float most = std::max(std::ranges::max(own), -std::ranges::min(own));
    EXPECT_NEAR(most, 0.05 * report.layers[l].factor, 1e-3);
  }
}

TEST_F(Rerouting, OffsetsStayWithinTheClampAreCarriedAndReset) {
  Rerouter clamped = rerouter({.rate = 0.5, .fraction = 1.0, .clamp = 0.3});
  const ReroutingReport first = adapt(clamped);
  for (const float offset : clamped.offsets())
    EXPECT_LE(std::abs(offset), 0.3f);
  EXPECT_GT(first.flipsPerToken, 0);
  const ReroutingReport second = adapt(clamped); // goes on where the first one ended
  EXPECT_EQ(second.lossBefore(), first.lossAfter());
  clamped.reset();
  EXPECT_TRUE(std::ranges::all_of(clamped.offsets(), [](float offset) { return offset == 0; }));
  const ReroutingReport again = adapt(clamped);
  EXPECT_EQ(again.losses, first.losses);
}

TEST_F(Rerouting, AFailureLeavesTheOffsetsAlone) {
  Rerouter rerouter = Rerouting::rerouter({});
  adapt(rerouter);
  const std::vector<float> before(rerouter.offsets().begin(), rerouter.offsets().end());
  EXPECT_FALSE(rerouter.adapt(std::vector<base::TokenId>{base::TokenId(1)}));
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(rerouter.adapt(tokens("g1"), {.progress = {}, .stop = source.get_token()}).error().code,
            base::ErrorCode::Cancelled);
  EXPECT_TRUE(std::ranges::equal(before, rerouter.offsets()));
}

TEST(ReroutingOptions, OutOfRangeIsRefused) {
  EXPECT_TRUE(validate(ReroutingOptions{}));
  const double nan = std::nan("");
  for (const ReroutingOptions& bad :
       {ReroutingOptions{.steps = 0}, ReroutingOptions{.steps = 1001},
        ReroutingOptions{.rate = 0.0}, ReroutingOptions{.rate = nan},
        ReroutingOptions{.beta1 = 1.0}, ReroutingOptions{.beta2 = nan},
        ReroutingOptions{.epsilon = 0.0}, ReroutingOptions{.fraction = 0.0},
        ReroutingOptions{.fraction = 1.5}, ReroutingOptions{.clamp = 0.0},
        ReroutingOptions{.clamp = nan}})
    EXPECT_FALSE(validate(bad));
}

} // namespace
} // namespace switchyard::session
