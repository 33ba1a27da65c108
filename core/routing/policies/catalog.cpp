#include "core/routing/policies/catalog.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/routing/policies/null_experts.h"
#include "core/routing/policies/steps.h"

namespace switchyard::routing {

namespace {

struct Entry {
  StepInfo info;
  StepResult (*make)(OptionReader&);
};

constexpr std::array<Entry, 16> kSteps = {{
    {{"adaptive-gap", "one expert where the first leads clearly, else two"}, makeAdaptiveGap},
    {{"ban", "experts that are never selected", true, true}, makeBan},
    {{"bias", "numbers added to router logits or choice scores", true, true}, makeBias},
    {{"boost", "gate weights of listed experts multiplied", true, true}, makeBoost},
    {{"expert-choice", "experts choose tokens of the batch (not causal)", false}, makeExpertChoice},
    {{"force", "listed experts take a place in every selection", true, true}, makeForce},
    {{"hash", "one fixed expert per vocabulary entry", true, false, true}, makeHash},
    {{"mask", "listed experts contribute nothing, are routed around, or swapped", true, true},
     makeMask},
    {{"npmi-steer", "boost of the experts that nPMI tied to a marker", true, true}, makeNpmiSteer},
    {{"null-experts", "experts that do nothing compete for places", true, false, false,
      kMaxNullExperts},
     makeNullExperts},
    {{"random", "random experts instead of the selected ones (matched control)"}, makeRandom},
    {{"rank-r", "only the expert of one rank"}, makeRankR},
    {{"relu", "every expert with a positive logit"}, makeRelu},
    {{"threshold", "experts until their shares reach a threshold"}, makeThreshold},
    {{"top-k", "another number of experts per token"}, makeTopK},
    {{"top-p", "experts until their shares pass p"}, makeTopP},
}};

constexpr std::array<StepInfo, kSteps.size()> infos() {
  std::array<StepInfo, kSteps.size()> list{};
  for (std::size_t i = 0; i < kSteps.size(); ++i)
    list[i] = kSteps[i].info;
  return list;
}

constexpr std::array<StepInfo, kSteps.size()> kInfos = infos();

} // namespace

std::span<const StepInfo> builtInSteps() {
  return kInfos;
}

base::Result<std::unique_ptr<Policy>> makeStep(std::string_view id, const nlohmann::json& options) {
  const auto found =
      std::ranges::find_if(kSteps, [id](const Entry& entry) { return entry.info.id == id; });
  if (found == kSteps.end()) {
    std::array<std::string_view, kSteps.size()> names{};
    std::ranges::transform(kInfos, names.begin(), [](const StepInfo& info) { return info.id; });
    return base::fail(base::ErrorCode::NotFound, fmt::format("there is no step '{}'; there are: {}",
                                                             id, fmt::join(names, ", ")));
  }
  OptionReader reader(id, options);
  auto policy = SY_TRY(found->make(reader));
  SY_TRY(reader.finish());
  return policy;
}

} // namespace switchyard::routing
