// The steps that choose by themselves against the golden routing vectors.

#include "core/routing/policies/catalog.h"
#include "core/routing/policies/null_experts.h"
#include "core/routing/reroute.h"
#include "tests/core/routing/policy_bench.h"

namespace switchyard::routing {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::golden;

struct StepCall {
  std::string step;
  json options;
  Renorm renorm = Renorm::None;
  int k = 2;
};

/// The step that a golden case describes; nothing for policies that are no step.
std::optional<StepCall> callOf(const json& item) {
  const std::string policy = item.at("policy");
  const json options = item.value("options", json::object());
  if (policy == "top_p") {
    json mine = {{options["rule"] == "xmoe" ? "threshold" : "p", options["p"]},
                 {"renorm", options["renorm"]}};
    if (options.contains("max_k"))
      mine["max-k"] = options["max_k"];
    return StepCall{options["rule"] == "xmoe" ? "threshold" : "top-p", mine};
  }
  if (policy == "remoe")
    return StepCall{"relu", json::object()};
  if (policy == "second_skip") {
    json mine = {{"rule", options["rule"]}, {"renorm", options["renorm"]}};
    for (const auto& [from, to] : {std::pair{"threshold", "threshold"}, std::pair{"beta", "beta"},
                                   std::pair{"T", "t"}, std::pair{"sensitivity", "sensitivity"}})
      if (options.contains(from))
        mine[to] = options[from];
    return StepCall{"adaptive-gap", mine};
  }
  if (policy == "rank_r")
    return StepCall{"rank-r", {{"rank", options["rank"]}, {"renorm", options["renorm"]}}};
  if (policy == "expert_choice")
    return StepCall{"expert-choice", {{"capacity-factor", options["capacity_factor"]}}};
  return std::nullopt;
}

void expectStep(const json& item, const StepCall& call) {
  SCOPED_TRACE(item.at("name").get<std::string>());
  int experts = 0;
  auto logits = testing::logitsOf(item, experts);
  const Bench bench(testing::softmaxGate(experts, call.k, call.renorm), std::move(logits));
  const auto draft = bench.run(call.step, call.options);
  ASSERT_TRUE(draft.has_value()) << draft.error().describe();
  testing::expectGolden(item, draft->assignment);
}

TEST(GoldenSteps, CutsSkipsRanksAndExpertChoice) {
  std::map<std::string, int> met;
  for (const char* file : {"per_token.json", "edge.json", "batch.json", "extras.json", "hand.json"})
    for (const json& item : golden(file).at("cases"))
      if (const auto call = callOf(item)) {
        ++met[item.at("policy").get<std::string>()];
        expectStep(item, *call);
      }
  EXPECT_EQ(met["top_p"], 32);
  EXPECT_EQ(met["remoe"], 5);
  EXPECT_EQ(met["second_skip"], 14);
  EXPECT_EQ(met["rank_r"], 10);
  EXPECT_EQ(met["expert_choice"], 7);
}

TEST(GoldenSteps, TopKOverride) {
  int met = 0;
  for (const json& item : golden("extras.json").at("cases")) {
    if (item.at("policy") != "softmax_topk")
      continue;
    ++met;
    expectStep(item, {"top-k", {{"k", item["options"]["k"]}}, Renorm::Sum, 2});
  }
  EXPECT_EQ(met, 4);
}

TEST(GoldenSteps, TopKWithAndWithoutRenormalising) {
  // Router logits 2, 1, .5, -1: softmax .609460, .224208, ...; of two .731059, .268941.
  const auto weightsOf = [](GateConfig gate, const json& options) {
    const Bench bench(gate, {2.0f, 1.0f, 0.5f, -1.0f});
    const auto draft = bench.run("top-k", options);
    EXPECT_TRUE(draft.has_value()) << draft.error().describe();
    const auto weights = draft->assignment.weightsOf(0);
    return std::vector<float>(weights.begin(), weights.end());
  };
  const std::vector<float> raw = {0.609460f, 0.224208f}, sum = {0.731059f, 0.268941f};
  const auto expectNear = [](const std::vector<float>& got, const std::vector<float>& want) {
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < want.size(); ++i)
      EXPECT_NEAR(got[i], want[i], 1e-6);
  };
  GateConfig selected = testing::softmaxGate(4, 1, Renorm::None);
  selected.score = Score::SoftmaxSelected;
  for (const GateConfig& gate : {testing::softmaxGate(4, 1, Renorm::None),
                                 testing::softmaxGate(4, 1, Renorm::Sum), selected}) {
    expectNear(weightsOf(gate, {{"k", 2}, {"renorm", false}}), raw);
    expectNear(weightsOf(gate, {{"k", 2}, {"renorm", true}}), sum);
    expectNear(weightsOf(gate, {{"k", 2}}),
               gate.renorm == Renorm::None && gate.score == Score::SoftmaxAll ? raw : sum);
  }
}

TEST(GoldenSteps, OneKPerLayer) {
  for (const json& item : golden("extras.json").at("cases")) {
    if (item.at("policy") != "per_layer_k")
      continue;
    SCOPED_TRACE(item.at("name").get<std::string>());
    int experts = 0;
    const auto logits = testing::logitsOf(item, experts);
    const json& ks = item["options"]["k"];
    const std::size_t block = item["options"]["tokens"].get<std::size_t>();
    const Bench whole(testing::softmaxGate(experts, 2, Renorm::Sum), logits);
    std::vector<LayerFacts> layers(ks.size(), whole.layer);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      layers[i].layer = base::LayerId(static_cast<std::int32_t>(2 * i + 1)); // dense in between
      layers[i].moeLayer = static_cast<int>(i);
    }
    const auto policy = testing::makeStep("top-k", {{"per-layer", ks}});
    ASSERT_TRUE(policy.has_value());
    ASSERT_TRUE((*policy)->begin(layers).has_value());
    Assignment all;
    all.reset(static_cast<std::int64_t>(whole.tokens.size()), experts);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      RoutingBatch batch = whole.batch();
      batch.layer = layers[i];
      batch.tokens = batch.tokens.subspan(i * block, block);
      const auto width = static_cast<std::size_t>(experts);
      batch.modelLogits = batch.modelLogits.subspan(i * block * width, block * width);
      RoutingDraft draft;
      ASSERT_TRUE(startDraft(batch, draft).has_value());
      ASSERT_TRUE((*policy)->apply(batch, draft).has_value());
      EXPECT_EQ(draft.assignment.maxK, ks[i].get<int>());
      for (std::size_t row = 0; row < block; ++row)
        for (std::size_t rank = 0; rank < static_cast<std::size_t>(draft.assignment.maxK); ++rank)
          all.push(static_cast<std::int64_t>(i * block + row),
                   draft.assignment.idsOf(static_cast<std::int64_t>(row))[rank],
                   draft.assignment.weightsOf(static_cast<std::int64_t>(row))[rank]);
    }
    testing::expectGolden(item, all);
  }
}

TEST(GoldenSteps, RandomK) {
  int met = 0;
  for (const char* file : {"extras.json", "edge.json"})
    for (const json& item : golden(file).at("cases")) {
      if (item.at("policy") != "random_k")
        continue;
      ++met;
      SCOPED_TRACE(item.at("name").get<std::string>());
      const json& options = item.at("options");
      int experts = 0;
      auto logits = testing::logitsOf(item, experts);
      Bench bench(testing::softmaxGate(experts, 2, Renorm::None), std::move(logits));
      bench.layer.layer = base::LayerId(options["layer"].get<std::int32_t>());
      for (TokenFacts& token : bench.tokens) {
        token.position.value += options["first_position"].get<std::int64_t>();
        token.sequence = base::SequenceId(options["sequence"].get<std::int64_t>());
      }
      bench.seed = options["key"][0].get<std::uint64_t>() | options["key"][1].get<std::uint64_t>()
                                                                << 32;
      const auto draft =
          bench.run("random", {{"k", options["k"]}, {"weights", options["weights"]}});
      ASSERT_TRUE(draft.has_value());
      testing::expectGolden(item, draft->assignment);
    }
  EXPECT_EQ(met, 6);
}

TEST(GoldenSteps, Hash) {
  int met = 0;
  for (const json& item : golden("extras.json").at("cases")) {
    if (item.at("policy") != "hash")
      continue;
    ++met;
    SCOPED_TRACE(item.at("name").get<std::string>());
    const json& options = item.at("options");
    const int experts = options["experts"];
    const auto ids = item["extras"]["token_ids"].get<std::vector<std::int32_t>>();
    Bench bench(testing::softmaxGate(experts, 2, Renorm::Sum),
                std::vector<float>(ids.size() * static_cast<std::size_t>(experts), 0.0f));
    for (std::size_t row = 0; row < ids.size(); ++row)
      bench.tokens[row].token = base::TokenId(ids[row]);
    json mine = {{"method", options["method"]}};
    if (options.contains("seed"))
      mine["seed"] = options["seed"];
    if (item["extras"].contains("table"))
      mine["table"] = item["extras"]["table"];
    const auto draft = bench.run("hash", mine);
    ASSERT_TRUE(draft.has_value()) << draft.error().describe();
    testing::expectGolden(item, draft->assignment);
  }
  EXPECT_EQ(met, 6);
}

TEST(GoldenSteps, NullExpertsWithGivenNullLogits) {
  int met = 0;
  for (const json& item : golden("extras.json").at("cases")) {
    if (item.at("policy") != "adamoe")
      continue;
    ++met;
    SCOPED_TRACE(item.at("name").get<std::string>());
    int experts = 0;
    auto logits = testing::logitsOf(item, experts);
    const Bench bench(testing::softmaxGate(experts, 2, Renorm::Sum), std::move(logits));
    const RoutingBatch batch = bench.batch();
    RoutingDraft draft;
    ASSERT_TRUE(startDraft(batch, draft).has_value());
    const int k = item["options"]["k"];
    const auto edit = chooseRows(batch, draft, k, [&](const ChoiceRow& row, Assignment& out) {
      const auto nulls =
          testing::numbers(item["extras"]["null_logits"][static_cast<std::size_t>(row.row)]);
      chooseAmongNulls(row, nulls, static_cast<std::size_t>(k), out);
      return base::Result<void>{};
    });
    ASSERT_TRUE(edit.has_value());
    testing::expectGolden(item, draft.assignment);
  }
  EXPECT_EQ(met, 3);
}

TEST(GoldenSteps, ConstantNullLogitsEqualTheSameLogitsGiven) {
  int experts = 0;
  const json item = {{"input", "a"}};
  auto logits = testing::logitsOf(item, experts);
  const Bench bench(testing::softmaxGate(experts, 2, Renorm::Sum), std::move(logits));
  const auto step = bench.run("null-experts", {{"k", 3}, {"count", 2}, {"logit", 0.5}});
  ASSERT_TRUE(step.has_value());
  RoutingDraft draft;
  const RoutingBatch batch = bench.batch();
  ASSERT_TRUE(startDraft(batch, draft).has_value());
  const std::vector<float> nulls{0.5f, 0.5f};
  ASSERT_TRUE(chooseRows(batch, draft, 3, [&](const ChoiceRow& row, Assignment& out) {
                chooseAmongNulls(row, nulls, 3, out);
                return base::Result<void>{};
              }).has_value());
  EXPECT_EQ(step->assignment.ids, draft.assignment.ids);
  EXPECT_EQ(step->assignment.weights, draft.assignment.weights);
  EXPECT_EQ(step->assignment.drops, draft.assignment.drops);
}

} // namespace
} // namespace switchyard::routing
