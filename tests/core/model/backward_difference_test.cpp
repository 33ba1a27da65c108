// Router-offset gradients against central differences of the loss, one model per kind of gate,
// where no selection (and no mask of SparseMixer) changes between the two sides. Also for
// architecture switches that no golden gradient covers.

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/routing/gate_steps.h"
#include "tests/core/model/gradient_run.h"
#include "tests/support/collector.h"
#include "tests/support/reference.h"

namespace switchyard::model {
namespace {

using test::loadModel;
using test::offsetCount;
using test::runGradient;
using test::tokenIds;
using tests::Collector;

class CentralDifference : public ::testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    const auto folder = std::filesystem::path(SY_TEST_DATA "/golden") / GetParam();
    m_model = loadModel(folder, m_threads);
    ASSERT_TRUE(m_model);
    m_tokens = tokenIds(tests::Reference(folder / "reference.safetensors").integers("p0.ids"));
    for (std::size_t i = 0; i < offsetCount(*m_model); ++i)
      m_offsets.push_back(0.01f * static_cast<float>(i * 7 % 11) - 0.05f);
  }

  struct Point {
    double loss = 0;
    std::vector<std::int64_t> choices; ///< everything that is piecewise constant
    std::vector<float> gradient;
  };

  Point at(const std::vector<float>& offsets) const {
    Collector collector(hooks::Point::TopK | hooks::Point::RouterLogits);
    hooks::Observer* const observers[] = {&collector};
    auto run = runGradient(*m_model, m_threads, m_tokens, offsets, observers);
    Point point{run.loss, {}, std::move(run.gradient)};
    const routing::GateConfig& gate = m_model->config().moe.gate;
    std::size_t moe = 0;
    for (const auto& [index, layer] : collector.layers) {
      point.choices.insert(point.choices.end(), layer.ids.begin(), layer.ids.end());
      if (gate.score == routing::Score::SparseMixer)
        addMasks(gate, layer, offsets, moe, point.choices);
      ++moe;
    }
    return point;
  }

  static void addMasks(const routing::GateConfig& gate, const Collector::Layer& layer,
                       const std::vector<float>& offsets, std::size_t moe,
                       std::vector<std::int64_t>& choices) {
    const auto experts = static_cast<std::size_t>(gate.experts);
    for (std::size_t slot = 0; slot < layer.ids.size(); ++slot) {
      const auto logit = [&](std::size_t e) {
        return layer.logits[slot / 2 * experts + e] + offsets[moe * experts + e];
      };
      const float top = logit(static_cast<std::size_t>(layer.ids[slot]));
      for (std::size_t e = 0; e < experts; ++e)
        choices.push_back(routing::sparseMixerKeeps(gate, top, logit(e)));
    }
  }

  base::ThreadContext m_threads{2};
  std::shared_ptr<const Model> m_model;
  std::vector<base::TokenId> m_tokens;
  std::vector<float> m_offsets;
};

TEST_P(CentralDifference, AgreesWhereSelectionsStay) {
  constexpr float kStep = 4e-3f;
  const Point here = at(m_offsets);
  double largest = 0;
  for (const float value : here.gradient)
    largest = std::max(largest, static_cast<double>(std::abs(value)));
  ASSERT_GT(largest, 0);
  int compared = 0;
  for (std::size_t i = 0; i < m_offsets.size(); ++i) {
    std::vector<float> moved = m_offsets;
    moved[i] = m_offsets[i] + kStep;
    const Point up = at(moved);
    const float above = moved[i];
    moved[i] = m_offsets[i] - kStep;
    const Point down = at(moved);
    if (up.choices != here.choices || down.choices != here.choices)
      continue;
    // Float32 losses near 6 leave about 1e-6 / 8e-3 of noise.
    const double slope = (up.loss - down.loss) / (static_cast<double>(above) - moved[i]);
    EXPECT_NEAR(here.gradient[i], slope, 1e-2 * largest + 5e-5) << "offset " << i;
    ++compared;
  }
  EXPECT_GE(compared, 4);
}

INSTANTIATE_TEST_SUITE_P(
    Gates, CentralDifference,
    ::testing::Values("models/mixtral",      // softmax, renormalised
                      "models/olmoe",        // softmax as it is
                      "models/granitemoe",   // softmax over the selected, four multipliers
                      "models/glm4_moe",     // sigmoid, scaled
                      "models/deepseek_v2",  // groups by their best
                      "models/deepseek_v3",  // groups by their best two
                      "models/ernie4_5_moe", // a least divisor
                      "models/phimoe",       // SparseMixer
                      "models-extra/olmoe-clip", "models-extra/qwen2_moe-window",
                      "models-extra/gpt_oss-types", "models-extra/granitemoe-bias",
                      "models-extra/deepseek_v2-bias", "models-extra/dots1-groups-window",
                      "models-extra/mixtral-dynamic", "models-extra/flex_olmo-bias"),
    [](const auto& info) {
      std::string name = std::filesystem::path(info.param).filename().string();
      std::ranges::replace_if(
          name, [](char c) { return !std::isalnum(c); }, '_');
      return name;
    });

} // namespace
} // namespace switchyard::model
