// Gradients of the checkpoint gates against the golden ones: tests/golden/routers/gradients.json.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/model/backward_gate.h"

namespace switchyard::model {
namespace {

using nlohmann::json;
using routing::GateConfig;
using routing::Renorm;
using routing::Score;

/// The gate that a case describes; nothing for policies that no checkpoint has.
std::optional<GateConfig> gateOf(const json& test, int experts) {
  const json& options = test.at("options");
  const std::string policy = test.at("policy");
  GateConfig gate;
  gate.experts = experts;
  gate.k = options.value("k", 2);
  if (policy == "softmax_topk") {
    gate.renorm = options.at("renorm") == "sum" ? Renorm::Sum : Renorm::None;
  } else if (policy == "topk_softmax") {
    gate.score = Score::SoftmaxSelected;
  } else if (policy == "sigmoid_topk") {
    gate.score = Score::Sigmoid;
    gate.renorm = options.at("renorm") == true ? Renorm::Sum : Renorm::None;
    gate.renormEps = options.at("eps");
    gate.scale = options.at("scale");
  } else if (policy == "sparsemixer") {
    gate.score = Score::SparseMixer;
    gate.jitter = options.at("epsilon");
  } else {
    return std::nullopt;
  }
  return gate;
}

void checkRow(const GateConfig& gate, const std::vector<float>& logits,
              const std::vector<float>& bias, const json& coefficients, const json& expected) {
  std::vector<std::int32_t> ids(static_cast<std::size_t>(gate.k));
  std::vector<float> weights(ids.size());
  ASSERT_TRUE(routing::route(gate, logits, bias, {.ids = ids, .weights = weights}));
  std::vector<float> byRank;
  for (const std::int32_t id : ids)
    byRank.push_back(coefficients.at(static_cast<std::size_t>(id)));
  std::vector<float> gradient(logits.size(), 99.0f);
  gateGradient(gate, logits, ids, byRank, gradient);
  for (std::size_t e = 0; e < gradient.size(); ++e) {
    const double want = expected.at(e);
    EXPECT_NEAR(gradient[e], want, 1e-6 + 2e-5 * std::abs(want)) << "expert " << e;
  }
}

TEST(GateGradient, MatchesTheGoldenOnesOfEveryCheckpointGate) {
  std::ifstream file(SY_TEST_DATA "/golden/routers/gradients.json");
  std::ifstream inputsFile(SY_TEST_DATA "/golden/routers/inputs.json");
  const json cases = json::parse(file).at("cases");
  const json inputs = json::parse(inputsFile);
  int checked = 0;
  for (const json& test : cases) {
    SCOPED_TRACE(test.at("name").get<std::string>());
    const json& rows = test.contains("logits")
                           ? test.at("logits")
                           : inputs.at(test.at("input").get<std::string>()).at("values");
    const auto gate = gateOf(test, static_cast<int>(rows.at(0).size()));
    if (!gate)
      continue;
    std::vector<float> bias;
    if (test.contains("extras"))
      bias = test.at("extras").at("choice_bias").get<std::vector<float>>();
    for (std::size_t row = 0; row < test.at("gradient").size(); ++row) {
      SCOPED_TRACE(row);
      checkRow(*gate, rows.at(row).get<std::vector<float>>(), bias, test.at("coefficients").at(row),
               test.at("gradient").at(row));
    }
    ++checked;
  }
  EXPECT_EQ(checked, 18);
}

/// Central differences of sum of weights * a in double, for gates that the golden file has not.
void checkClampMin(float minimum) {
  GateConfig gate{.experts = 4, .k = 2, .renorm = Renorm::ClampMin, .renormEps = minimum};
  const std::vector<float> logits = {2.0f, 1.0f, 0.5f, -1.0f};
  const std::vector<float> a = {0.3f, -0.7f};
  const auto loss = [&](std::size_t moved, double by) {
    double total = 0;
    double p[4];
    for (std::size_t e = 0; e < 4; ++e)
      total += p[e] = std::exp(logits[e] + (e == moved ? by : 0.0));
    const double sum = (p[0] + p[1]) / total;
    return (0.3f * p[0] - 0.7f * p[1]) / total / std::max(sum, static_cast<double>(minimum));
  };
  std::vector<float> gradient(4);
  gateGradient(gate, logits, std::vector<std::int32_t>{0, 1}, a, gradient);
  for (std::size_t e = 0; e < 4; ++e)
    EXPECT_NEAR(gradient[e], (loss(e, 1e-5) - loss(e, -1e-5)) / 2e-5, 1e-6) << e;
}

TEST(GateGradient, AMinimumDivisorIsConstantWhereItHolds) {
  checkClampMin(1e-12f);
  checkClampMin(0.9f); // above the sum of the two, 0.834
}

TEST(GateGradient, EmptySlotsCountForNothing) {
  const GateConfig gate{.experts = 3, .k = 2, .score = Score::SoftmaxSelected};
  std::vector<float> gradient(3);
  gateGradient(gate, std::vector<float>{1.0f, 2.0f, 3.0f}, std::vector<std::int32_t>{2, -1},
               std::vector<float>{5.0f, 7.0f}, gradient);
  EXPECT_EQ(gradient, (std::vector<float>{0.0f, 0.0f, 0.0f})); // one expert has weight 1, always
}

} // namespace
} // namespace switchyard::model
