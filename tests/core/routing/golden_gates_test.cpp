// The checkpoint gates against the golden routing vectors: tests/golden/routers.

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <optional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/routing/gate.h"

namespace switchyard::routing {
namespace {

using nlohmann::json;

json load(const std::string& name) {
  std::ifstream file(SY_TEST_DATA "/golden/routers/" + name);
  return json::parse(file);
}

float number(const json& value) {
  if (value.is_number())
    return value.get<float>();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::string text = value;
  return text == "inf" ? infinity : text == "-inf" ? -infinity : std::nanf("");
}

struct Logits {
  int experts = 0;
  std::vector<float> values;
};

Logits matrix(const json& rows) {
  Logits logits;
  for (const json& row : rows) {
    logits.experts = static_cast<int>(row.size());
    for (const json& value : row)
      logits.values.push_back(number(value));
  }
  return logits;
}

/// The gate that a case describes; nothing for policies that no checkpoint of ours uses.
std::optional<GateConfig> gateOf(const json& test, int experts) {
  const json& options = test.at("options");
  GateConfig gate;
  gate.experts = experts;
  gate.k = options.value("k", 2);
  gate.scale = options.value("scale", 1.0f);
  const std::string policy = test.at("policy");
  if (policy == "softmax_topk") {
    const json renorm = options.value("renorm", json());
    if (renorm == "l2")
      return std::nullopt;
    gate.renorm = renorm == "sum" ? Renorm::Sum : renorm == "max" ? Renorm::ClampMin : Renorm::None;
    gate.renormEps = options.value("eps", 0.0f);
  } else if (policy == "topk_softmax") {
    gate.score = Score::SoftmaxSelected;
  } else if (policy == "sigmoid_topk") {
    gate.score = Score::Sigmoid;
    gate.renorm = options.at("renorm") == true ? Renorm::Sum : Renorm::None;
    gate.renormEps = options.value("eps", 0.0f);
  } else if (policy == "deepseek_v2") {
    if (options.at("method") == "group_limited_greedy") {
      gate.groupScore = GroupScore::Max;
      gate.groups = options.at("n_group");
      gate.groupsKept = options.at("topk_group");
      gate.groupFill = 0.0f;
    }
    if (options.at("variant") == "remote" && options.at("norm_topk_prob") == true) {
      gate.renorm = Renorm::Sum; // the published remote code: renormalise instead of scaling
      gate.renormEps = 1e-20f;
      gate.scale = 1.0f;
    }
  } else if (policy == "deepseek_v3") {
    gate.score = Score::Sigmoid;
    gate.groupScore = GroupScore::Top2Sum;
    gate.groups = options.at("n_group");
    gate.groupsKept = options.at("topk_group");
    if (options.contains("mask"))
      gate.groupFill = number(options.at("mask"));
    gate.renorm = options.value("norm_topk_prob", true) ? Renorm::Sum : Renorm::None;
    gate.renormEps = 1e-20f;
  } else if (policy == "sparsemixer") {
    gate.score = Score::SparseMixer;
    gate.jitter = options.at("epsilon");
  } else {
    return std::nullopt;
  }
  return gate;
}

struct Routed {
  std::vector<std::int32_t> ids;
  std::vector<float> weights;
};

base::Result<Routed> run(const GateConfig& gate, const std::vector<float>& logits,
                         const std::vector<float>& bias) {
  const std::size_t rows = logits.size() / static_cast<std::size_t>(gate.experts);
  Routed routed;
  routed.ids.resize(rows * static_cast<std::size_t>(gate.k));
  routed.weights.resize(routed.ids.size());
  SY_TRY(route(gate, logits, bias, {.ids = routed.ids, .weights = routed.weights}));
  return routed;
}

void check(const json& test, const json& inputs) {
  SCOPED_TRACE(test.at("name").get<std::string>());
  Logits logits = test.contains("logits")
                      ? matrix(test.at("logits"))
                      : matrix(inputs.at(test.at("input").get<std::string>()).at("values"));
  ASSERT_FALSE(test.contains("rows"));
  const auto gate = gateOf(test, logits.experts);
  ASSERT_TRUE(gate);
  ASSERT_TRUE(validate(*gate));
  std::vector<float> bias;
  const json extras = test.value("extras", json::object());
  for (const json& value : extras.value("choice_bias", json::array()))
    bias.push_back(number(value));
  if (extras.contains("router_bias"))
    for (std::size_t i = 0; i < logits.values.size(); ++i)
      logits.values[i] +=
          number(extras.at("router_bias").at(i % static_cast<std::size_t>(logits.experts)));

  const auto routed = run(*gate, logits.values, bias);
  ASSERT_TRUE(routed) << routed.error().describe();
  const json& offsets = test.at("offsets");
  const auto k = static_cast<std::size_t>(gate->k);
  ASSERT_EQ((offsets.size() - 1) * k, routed->ids.size());
  for (std::size_t row = 0; row + 1 < offsets.size(); ++row) {
    const std::size_t begin = offsets.at(row);
    const std::size_t count = offsets.at(row + 1).get<std::size_t>() - begin;
    for (std::size_t rank = 0; rank < k; ++rank) {
      SCOPED_TRACE("row " + std::to_string(row) + " rank " + std::to_string(rank));
      const std::size_t slot = row * k + rank;
      if (rank >= count) {
        EXPECT_EQ(routed->ids[slot], -1);
        EXPECT_EQ(routed->weights[slot], 0.0f);
        continue;
      }
      EXPECT_EQ(routed->ids[slot], test.at("ids").at(begin + rank).get<std::int32_t>());
      const double want = test.at("weights").at(begin + rank);
      EXPECT_NEAR(routed->weights[slot], want, std::max(1e-7, 4e-6 * std::abs(want)));
    }
  }
}

TEST(GoldenGates, EveryVectorOfACheckpointGateHolds) {
  const json inputs = load("inputs.json");
  std::map<std::string, int> seen;
  for (const char* file : {"hand.json", "per_token.json", "grouped.json", "edge.json"}) {
    const json document = load(file);
    for (const json& test : document.at("cases"))
      if (gateOf(test, 8)) {
        check(test, inputs);
        ++seen[test.at("policy")];
      }
  }
  EXPECT_GE(seen["softmax_topk"], 30);
  EXPECT_GE(seen["topk_softmax"], 15);
  EXPECT_GE(seen["sigmoid_topk"], 4);
  EXPECT_GE(seen["deepseek_v2"], 17);
  EXPECT_GE(seen["deepseek_v3"], 33);
  EXPECT_GE(seen["sparsemixer"], 11);
}

TEST(GoldenGates, RowsAndOptionsThatMustBeRefusedAre) {
  const Logits bad = matrix(load("inputs.json").at("bad").at("values"));
  int rows = 0;
  int options = 0;
  const json document = load("errors.json");
  for (const json& test : document.at("cases")) {
    SCOPED_TRACE(test.at("name").get<std::string>());
    if (test.at("kind") == "row") {
      const auto begin = bad.values.begin() + test.at("row").get<int>() * bad.experts;
      std::vector<float> logits(static_cast<std::size_t>(2 * bad.experts), 0.5f);
      logits.insert(logits.end(), begin, begin + bad.experts);
      for (const Score score :
           {Score::SoftmaxAll, Score::SoftmaxSelected, Score::Sigmoid, Score::SparseMixer}) {
        const auto routed = run({.experts = bad.experts, .k = 2, .score = score}, logits, {});
        ASSERT_FALSE(routed);
        EXPECT_EQ(routed.error().code, base::ErrorCode::NonFinite);
        EXPECT_NE(routed.error().message.find("row 2"), std::string::npos)
            << routed.error().message;
      }
      ++rows;
    } else if (test.at("policy") == "softmax_topk" || test.at("policy") == "topk_softmax" ||
               test.at("policy") == "deepseek_v3") {
      if (test.at("options").contains("bias"))
        continue; // below
      const GateConfig gate = [&] {
        json complete = test;
        if (test.at("policy") == "deepseek_v3")
          complete["options"].emplace("scale", 1.0);
        return *gateOf(complete, test.at("experts"));
      }();
      const auto valid = validate(gate);
      ASSERT_FALSE(valid);
      EXPECT_EQ(valid.error().code, base::ErrorCode::InvalidArgument);
      ++options;
    }
  }
  EXPECT_EQ(rows, 5);
  EXPECT_EQ(options, 7);
}

TEST(GoldenGates, ANaNInTheChoiceBiasIsRefused) {
  std::vector<float> bias(8, 0.0f);
  bias[3] = std::nanf("");
  const auto routed =
      run({.experts = 8, .k = 2, .score = Score::Sigmoid}, std::vector<float>(8, 0.0f), bias);
  ASSERT_FALSE(routed);
  EXPECT_EQ(routed.error().code, base::ErrorCode::NonFinite);
  EXPECT_NE(routed.error().message.find("expert 3"), std::string::npos);
}

} // namespace
} // namespace switchyard::routing
