#include "tests/core/routing/policy_bench.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <map>

#include "core/routing/reroute.h"

namespace switchyard::routing::testing {

using nlohmann::json;

const json& golden(const std::string& name) {
  static std::map<std::string, json> loaded;
  json& document = loaded[name];
  if (document.is_null())
    document = json::parse(std::ifstream(SY_TEST_DATA "/golden/routers/" + name));
  return document;
}

float number(const json& value) {
  if (value.is_number())
    return value.get<float>();
  const float infinity = std::numeric_limits<float>::infinity();
  return value == "inf" ? infinity : value == "-inf" ? -infinity : std::nanf("");
}

std::vector<float> numbers(const json& array) {
  std::vector<float> values;
  for (const json& value : array)
    values.push_back(number(value));
  return values;
}

Bench::Bench(GateConfig rule, std::vector<float> values, std::vector<float> bias)
    : gate(rule), choiceBias(std::move(bias)), logits(std::move(values)) {
  layer.moeLayers = 1;
  layer.experts = gate.experts;
  layer.k = gate.k;
  layer.gate = &gate;
  layer.choiceBias = choiceBias;
  for (std::size_t row = 0; row < logits.size() / static_cast<std::size_t>(gate.experts); ++row)
    tokens.push_back({base::SequenceId(0), base::TokenPos(static_cast<std::int64_t>(row)),
                      base::TokenId(static_cast<std::int32_t>(row)), false});
}

RoutingBatch Bench::batch() const {
  RoutingBatch batch;
  batch.layer = layer;
  batch.tokens = tokens;
  batch.modelLogits = logits;
  batch.seed = seed;
  return batch;
}

base::Result<RoutingDraft> Bench::run(Policy& policy) const {
  const RoutingBatch all = batch();
  SY_TRY(policy.begin(std::span(&all.layer, 1)));
  RoutingDraft draft;
  SY_TRY(startDraft(all, draft));
  if (SY_TRY(policy.apply(all, draft)) == Edit::Scores)
    SY_TRY(reroute(all.layer, all.tokens, {}, draft));
  return draft;
}

base::Result<RoutingDraft> Bench::run(std::string_view step, const json& options) const {
  const auto policy = SY_TRY(testing::makeStep(step, options));
  return run(*policy);
}

std::vector<float> logitsOf(const json& item, int& experts) {
  const json& all =
      item.contains("logits")
          ? item.at("logits")
          : golden("inputs.json").at(item.at("input").get<std::string>()).at("values");
  std::vector<float> logits;
  const auto add = [&](const json& row) {
    experts = static_cast<int>(row.size());
    for (const json& value : row)
      logits.push_back(number(value));
  };
  if (item.contains("rows") && !item.at("rows").is_null()) {
    for (const json& row : item.at("rows"))
      add(all.at(row.get<std::size_t>()));
  } else {
    for (const json& row : all)
      add(row);
  }
  return logits;
}

void expectGolden(const json& item, const Assignment& got) {
  const json& offsets = item.at("offsets");
  ASSERT_EQ(offsets.size(), got.counts.size() + 1);
  for (std::size_t row = 0; row < got.counts.size(); ++row) {
    SCOPED_TRACE("row " + std::to_string(row));
    const std::size_t begin = offsets[row];
    const std::size_t count = offsets[row + 1].get<std::size_t>() - begin;
    const auto ids = got.idsOf(static_cast<std::int64_t>(row));
    const auto weights = got.weightsOf(static_cast<std::int64_t>(row));
    ASSERT_EQ(ids.size(), count);
    for (std::size_t rank = 0; rank < count; ++rank) {
      EXPECT_EQ(ids[rank], item.at("ids")[begin + rank].get<std::int32_t>()) << "rank " << rank;
      const double want = number(item.at("weights")[begin + rank]);
      EXPECT_NEAR(weights[rank], want, std::max(1e-7, 4e-6 * std::fabs(want))) << "rank " << rank;
    }
  }
  const json drops = item.value("drops", json::array());
  ASSERT_EQ(drops.size(), got.drops.size());
  for (std::size_t i = 0; i < drops.size(); ++i)
    EXPECT_EQ(got.drops[i], (Drop{drops[i][0], drops[i][1], drops[i][2]}));
}

GateConfig softmaxGate(int experts, int k, Renorm renorm) {
  GateConfig gate;
  gate.experts = experts;
  gate.k = k;
  gate.renorm = renorm;
  return gate;
}

} // namespace switchyard::routing::testing
