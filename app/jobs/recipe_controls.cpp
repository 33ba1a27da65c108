#include "app/jobs/recipe_controls.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzers/load/load.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/rng.h"
#include "core/trace/scan.h"

namespace switchyard::jobs {

namespace {

using base::ErrorCode;
using base::Result;
using nlohmann::json;
using routing::ExpertRef;

using Place = std::pair<int, int>; ///< layer, expert

constexpr std::size_t kNearest = 4;

/// Experts with their layers; those of every layer, once for each.
Result<std::vector<Place>> placesOf(const std::vector<ExpertRef>& experts,
                                    const std::vector<std::int32_t>& layers,
                                    const ExpertLoads& loads) {
  std::vector<Place> places;
  for (const ExpertRef& ref : experts) {
    bool found = false;
    for (const auto& [layer, uses] : loads) {
      const bool inScope = layers.empty() || std::ranges::find(layers, layer) != layers.end();
      if (ref.layer ? *ref.layer != layer : !inScope)
        continue;
      if (static_cast<std::size_t>(ref.expert) >= uses.size())
        return base::fail(ErrorCode::InvalidArgument,
                          fmt::format("there are no load figures of layer {} expert {}: the layer "
                                      "has {} experts",
                                      layer, ref.expert, uses.size()));
      places.emplace_back(layer, ref.expert);
      found = true;
    }
    if (!found)
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("there are no load figures of layer {}; use a trace or an "
                                    "analysis of the same model",
                                    ref.layer.value_or(layers.empty() ? 0 : layers.front())));
  }
  return places;
}

/// Draws replacements and remembers them.
class Controls {
public:
  Controls(const ExpertLoads& loads, std::uint64_t seed) : m_loads(loads), m_seed(seed) {}

  void name(const Place& place) { m_taken.insert(place); }

  Result<Place> of(const Place& place) {
    if (const auto drawn = m_drawn.find(place); drawn != m_drawn.end())
      return drawn->second;
    const std::vector<std::int64_t>& uses = m_loads.at(place.first);
    std::vector<int> candidates;
    for (int expert = 0; expert < static_cast<int>(uses.size()); ++expert)
      if (!m_taken.contains({place.first, expert}))
        candidates.push_back(expert);
    if (candidates.empty())
      return base::fail(ErrorCode::InvalidArgument,
                        fmt::format("layer {} has no expert left to stand in for expert {}",
                                    place.first, place.second));
    const auto log = [&](int expert) {
      return std::log(static_cast<double>(uses[static_cast<std::size_t>(expert)]) + 0.5);
    };
    const double target = log(place.second);
    std::ranges::stable_sort(candidates, {}, [&](int e) { return std::fabs(log(e) - target); });
    candidates.resize(std::min(candidates.size(), kNearest));
    base::Rng rng(m_seed, static_cast<std::uint64_t>(place.first) << 32 |
                              static_cast<std::uint64_t>(place.second));
    const Place drawn{place.first, candidates[rng.nextBelow(candidates.size())]};
    m_taken.insert(drawn);
    m_drawn.emplace(place, drawn);
    return drawn;
  }

  std::string describe() const {
    std::string text;
    for (const auto& [from, to] : m_drawn) {
      const std::vector<std::int64_t>& uses = m_loads.at(from.first);
      text += fmt::format("{}{}:{} for {}:{} (selected {} and {} times)", text.empty() ? "" : ", ",
                          to.first, to.second, from.first, from.second,
                          uses[static_cast<std::size_t>(to.second)],
                          uses[static_cast<std::size_t>(from.second)]);
    }
    return text;
  }

private:
  const ExpertLoads& m_loads;
  std::uint64_t m_seed;
  std::set<Place> m_taken;
  std::map<Place, Place> m_drawn;
};

/// The expert lists of one step.
struct StepExperts {
  std::vector<Place> options, scope;
};

Result<StepExperts> expertsOf(const routing::RecipeStep& step, const json& options,
                              const ExpertLoads& loads) {
  if (options.contains("delta"))
    return base::fail(ErrorCode::InvalidArgument,
                      "its option 'delta' speaks of all experts; there is no control of it");
  StepExperts experts;
  routing::OptionReader reader(step.plugin, options);
  experts.options = SY_TRY(placesOf(SY_TRY(reader.experts("experts")), step.scope.layers, loads));
  experts.scope = SY_TRY(placesOf(step.scope.experts, step.scope.layers, loads));
  return experts;
}

Result<std::vector<ExpertRef>> replaced(const std::vector<Place>& places, Controls& controls) {
  std::vector<ExpertRef> refs;
  for (const Place& place : places) {
    const Place control = SY_TRY(controls.of(place));
    refs.push_back({control.first, control.second});
  }
  std::ranges::sort(refs);
  return refs;
}

} // namespace

Result<ExpertLoads> loadsOfTrace(const std::filesystem::path& path,
                                 const base::ThreadContext& threads,
                                 const base::RunControl& control) {
  const auto trace = SY_TRY(trace::Trace::open(path));
  analyzers::Load load;
  trace::Analyzer* const analyzers[] = {&load};
  SY_TRY(trace::scan(trace, analyzers, threads, {.columns = trace::Columns{}}, control));
  ExpertLoads loads;
  for (std::size_t layer = 0; layer < load.layers().size(); ++layer)
    loads[load.layers()[layer].layer] = load.layer(layer).counts;
  return loads;
}

Result<ExpertLoads> loadsOfAnalysis(const std::filesystem::path& path) {
  constexpr std::uint64_t kMaxBytes = 256u << 20;
  const base::Where where{.file = path.string()};
  const json document = SY_TRY(base::parseJson(SY_TRY(base::readTextFile(path, kMaxBytes)),
                                               {.maxBytes = kMaxBytes, .maxDepth = 64}, where));
  const auto wrong = [&] {
    return base::fail(ErrorCode::InvalidFormat,
                      "this analysis has no result of 'load'; make one with `switchyard analyze "
                      "TRACE --with load --out DIR`",
                      where);
  };
  const json::json_pointer place("/results/load/tables");
  if (!document.is_object() || !document.contains(place) || !document[place].is_array())
    return wrong();
  const json& tables = document[place];
  for (const json& table : tables) {
    if (!table.is_object() || table.value("name", "") != "load_experts" ||
        !table.contains("rows") || !table["rows"].is_array())
      continue;
    ExpertLoads loads;
    for (const json& row : table["rows"]) {
      const bool valid = row.is_array() && row.size() > 2 && row[0].is_number_unsigned() &&
                         row[1].is_number_unsigned() && row[2].is_number_unsigned();
      if (!valid || row[1] != loads[row[0].get<int>()].size())
        return wrong();
      loads[row[0].get<int>()].push_back(row[2].get<std::int64_t>());
    }
    return loads;
  }
  return wrong();
}

Result<routing::Recipe> randomControl(const routing::Recipe& like, const ExpertLoads& loads,
                                      std::uint64_t seed) {
  routing::Recipe control = like;
  Controls controls(loads, seed);
  std::vector<StepExperts> experts;
  std::vector<json> options;
  bool any = false;
  for (std::size_t i = 0; i < like.steps.size(); ++i) {
    options.push_back(SY_TRY(base::parseJson(like.steps[i].options, {}, {})));
    auto named = expertsOf(like.steps[i], options.back(), loads);
    if (!named) {
      base::Error error = std::move(named).error();
      error.message =
          fmt::format("recipe step {} ({}): {}", i + 1, like.steps[i].plugin, error.message);
      return tl::unexpected(std::move(error));
    }
    for (const std::vector<Place>* list : {&named->options, &named->scope})
      for (const Place& place : *list) {
        controls.name(place);
        any = true;
      }
    experts.push_back(std::move(*named));
  }
  if (!any)
    return base::fail(ErrorCode::InvalidArgument,
                      "the recipe names no expert, so there is nothing to replace at random; its "
                      "control is the step 'random'");
  for (std::size_t i = 0; i < control.steps.size(); ++i) {
    routing::RecipeStep& step = control.steps[i];
    if (!experts[i].options.empty()) {
      options[i]["experts"] = routing::toJson(SY_TRY(replaced(experts[i].options, controls)));
      step.options = options[i].dump();
    }
    if (!experts[i].scope.empty())
      step.scope.experts = SY_TRY(replaced(experts[i].scope, controls));
  }
  control.name = fmt::format("{} control {}", like.name.empty() ? "random" : like.name, seed);
  control.description = "Random experts of matched load: " + controls.describe();
  return control;
}

} // namespace switchyard::jobs
