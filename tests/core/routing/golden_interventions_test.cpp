// Bias, ban, force, boost and the ablation modes against the golden routing vectors, run as chains.

#include "core/routing/policies/catalog.h"
#include "core/routing/policy_chain.h"
#include "core/routing/reroute.h"
#include "tests/core/routing/policy_bench.h"

namespace switchyard::routing {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::golden;

GateConfig gateOf(const json& options, int experts) {
  GateConfig gate;
  gate.experts = experts;
  gate.k = options["k"];
  const std::string score = options.value("score", "softmax");
  gate.score = score == "sigmoid"        ? Score::Sigmoid
               : score == "topk_softmax" ? Score::SoftmaxSelected
                                         : Score::SoftmaxAll;
  if (options.contains("n_group")) {
    gate.groupScore = GroupScore::Top2Sum;
    gate.groups = options["n_group"];
    gate.groupsKept = options["topk_group"];
  }
  gate.renorm = options.value("renorm", false) ? Renorm::Sum : Renorm::None;
  gate.renormEps = options.value("eps", 0.0f);
  gate.scale = options.value("scale", 1.0f);
  return gate;
}

base::Result<ChainStep> stepOf(const json& step) {
  const std::string kind = step["kind"];
  json options = json::object();
  if (step.contains("experts"))
    options["experts"] = step["experts"];
  if (step.contains("delta"))
    options["delta"] = step["delta"];
  if (step.contains("beta"))
    options["multiplier"] = step["beta"];
  if (step.contains("where")) {
    std::string where = step["where"];
    std::replace(where.begin(), where.end(), '_', '-');
    options["where"] = where;
  }
  ChainStep made;
  made.name = kind;
  made.policy = SY_TRY(testing::makeStep(kind, options));
  return made;
}

TEST(GoldenInterventions, Steps) {
  int met = 0;
  for (const json& item : golden("interventions.json").at("cases")) {
    if (item.at("policy") != "intervene")
      continue;
    ++met;
    SCOPED_TRACE(item.at("name").get<std::string>());
    int experts = 0;
    auto logits = testing::logitsOf(item, experts);
    const json extras = item.value("extras", json::object());
    const Bench bench(gateOf(item["options"]["gate"], experts), std::move(logits),
                      testing::numbers(extras.value("choice_bias", json::array())));
    std::vector<ChainStep> steps;
    for (const json& step : item["options"]["steps"]) {
      auto made = stepOf(step);
      ASSERT_TRUE(made.has_value()) << made.error().describe();
      steps.push_back(std::move(*made));
    }
    // Score edits come first in a chain; the vectors list a force before a ban.
    std::stable_sort(steps.begin(), steps.end(), [](const ChainStep& a, const ChainStep& b) {
      return a.name == "ban" && b.name == "force";
    });
    PolicyChain chain(std::move(steps));
    const auto draft = bench.run(chain);
    ASSERT_TRUE(draft.has_value()) << draft.error().describe();
    testing::expectGolden(item, draft->assignment);
  }
  EXPECT_EQ(met, 54);
}

TEST(GoldenInterventions, AblationModes) {
  int met = 0;
  for (const char* file : {"interventions.json", "edge.json"})
    for (const json& item : golden(file).at("cases")) {
      if (item.at("policy") != "ablate")
        continue;
      ++met;
      SCOPED_TRACE(item.at("name").get<std::string>());
      int experts = 0;
      auto logits = testing::logitsOf(item, experts);
      const Bench bench(gateOf(item["options"]["gate"], experts), std::move(logits));
      std::string mode = item["options"]["mode"];
      std::replace(mode.begin(), mode.end(), '_', '-');
      const auto draft =
          bench.run("mask", {{"mode", mode}, {"experts", item["options"]["experts"]}});
      ASSERT_TRUE(draft.has_value()) << draft.error().describe();
      testing::expectGolden(item, draft->assignment);
    }
  EXPECT_EQ(met, 17);
}

/// Whether makeStep, begin or apply refuses.
bool refused(const Bench& bench, std::string_view step, const json& options) {
  return !bench.run(step, options).has_value();
}

TEST(GoldenErrors, OptionsAreRefused) {
  const Bench bench(testing::softmaxGate(8, 2, Renorm::Sum), std::vector<float>(16, 0.0f));
  EXPECT_TRUE(refused(bench, "top-k", {{"k", 0}}));
  EXPECT_TRUE(refused(bench, "top-k", {{"k", 9}}));
  EXPECT_TRUE(refused(bench, "top-k", {{"k", -1}}));
  EXPECT_TRUE(refused(bench, "rank-r", {{"rank", 9}}));
  EXPECT_TRUE(refused(bench, "rank-r", {{"rank", 0}}));
  EXPECT_TRUE(refused(bench, "force", {{"experts", {0, 1, 2}}}));
  EXPECT_TRUE(refused(bench, "ban", {{"experts", {0, 1, 2, 3, 4, 5, 6, 7}}}));
  EXPECT_TRUE(refused(bench, "boost", {{"experts", {1}}, {"multiplier", 0}, {"where", "logit"}}));
  EXPECT_TRUE(
      refused(bench, "boost", {{"experts", {1}}, {"multiplier", -1}, {"where", "post-norm"}}));
  EXPECT_TRUE(refused(bench, "ban", {{"experts", {8}}}));
  EXPECT_TRUE(refused(bench, "bias", {{"delta", {1, 2, 3, 4, 5, 6, 7}}}));
  EXPECT_TRUE(refused(bench, "top-p", {{"p", 0}}));
  EXPECT_TRUE(refused(bench, "top-p", {{"p", 1.5}}));
  EXPECT_TRUE(refused(bench, "hash", {{"table", {0, 1, 2}}, {"method", "modulo"}}));
  EXPECT_TRUE(refused(bench, "expert-choice", {{"capacity-factor", 0}}));

  Bench tokens(testing::softmaxGate(8, 2, Renorm::Sum), std::vector<float>(8, 0.0f));
  tokens.tokens[0].token = base::TokenId(4);
  EXPECT_TRUE(refused(tokens, "hash", {{"table", {0, 1, 2, 3}}}));
  tokens.tokens[0].token = base::TokenId(-1);
  EXPECT_TRUE(refused(tokens, "hash", {{"method", "modulo"}}));

  std::vector<ChainStep> both(2);
  both[0] = {"ban", std::move(*testing::makeStep("ban", {{"experts", {1}}})), {}};
  both[1] = {"force", std::move(*testing::makeStep("force", {{"experts", {1}}})), {}};
  PolicyChain chain(std::move(both));
  EXPECT_EQ(bench.run(chain).error().code, base::ErrorCode::InvalidArgument);
}

TEST(GoldenErrors, BadRowsNameTheRow) {
  for (const json& item : golden("errors.json").at("cases")) {
    if (item.at("kind") != "row")
      continue;
    SCOPED_TRACE(item.at("name").get<std::string>());
    const json& bad = golden("inputs.json").at("bad").at("values");
    const Bench good(testing::softmaxGate(8, 2, Renorm::Sum), std::vector<float>(8, 0.0f));
    for (const StepInfo& step : builtInSteps()) {
      // A step that meets bad scores (edited by an earlier one) must refuse them, not route.
      json options = json::object();
      if (step.id != "adaptive-gap" && step.id != "top-p" && step.id != "threshold" &&
          step.id != "relu" && step.id != "rank-r" && step.id != "random" &&
          step.id != "expert-choice" && step.id != "top-k")
        continue;
      if (step.id == "top-p")
        options["p"] = 0.5;
      if (step.id == "threshold")
        options["threshold"] = 0.5;
      if (step.id == "rank-r")
        options["rank"] = 2;
      if (step.id == "top-k")
        options["k"] = 3;
      auto policy = testing::makeStep(step.id, options);
      ASSERT_TRUE(policy.has_value()) << policy.error().describe();
      const RoutingBatch batch = good.batch();
      ASSERT_TRUE((*policy)->begin(std::span(&batch.layer, 1)).has_value());
      RoutingDraft draft;
      ASSERT_TRUE(startDraft(batch, draft).has_value());
      draft.logits = testing::numbers(bad[item["row"].get<std::size_t>()]);
      const auto edit = (*policy)->apply(batch, draft);
      ASSERT_FALSE(edit.has_value()) << step.id;
      EXPECT_EQ(edit.error().code, base::ErrorCode::NonFinite) << step.id;
      EXPECT_NE(edit.error().describe().find("token 0"), std::string::npos) << step.id;
    }
  }
}

} // namespace
} // namespace switchyard::routing
