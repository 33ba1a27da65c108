#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/jobs/ablate/ablate.h"
#include "core/routing/policies/options.h"

namespace switchyard::jobs::ablate {

namespace {

using base::Result;
using trace::LayerInfo;

tl::unexpected<base::Error> refuse(const std::string& text, const std::string& why) {
  return base::fail(base::ErrorCode::InvalidArgument,
                    fmt::format("--experts {}: {}; write top:20, all-of-layer:5, all, or a list "
                                "5:19,3:7",
                                text, why));
}

/// The number behind "top:" or "all-of-layer:"; nothing if it is none.
std::optional<int> numberOf(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

Result<std::vector<ExpertId>> listed(const std::string& text,
                                     const std::vector<LayerInfo>& layers) {
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    list.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  const nlohmann::json options = {{"experts", std::move(list)}};
  routing::OptionReader reader("ablate", options);
  const auto refs = reader.experts("experts");
  if (!refs)
    return refuse(text, "this is no list of experts");
  std::set<ExpertId> chosen;
  for (const routing::ExpertRef& ref : *refs) {
    bool found = false;
    for (const LayerInfo& layer : layers) {
      if (ref.layer && *ref.layer != layer.layer)
        continue;
      if (ref.expert >= layer.experts)
        return refuse(text, fmt::format("layer {} has {} experts", layer.layer, layer.experts));
      chosen.insert({layer.layer, ref.expert});
      found = true;
    }
    if (!found)
      return refuse(text, fmt::format("layer {} is not an MoE layer", ref.layer.value_or(0)));
  }
  return std::vector<ExpertId>(chosen.begin(), chosen.end());
}

} // namespace

Result<std::vector<ExpertId>> chooseExperts(const std::string& text,
                                            const std::vector<LayerInfo>& layers,
                                            const AffinityCounter& affinities) {
  std::vector<ExpertId> all;
  for (const LayerInfo& layer : layers)
    for (int expert = 0; expert < layer.experts; ++expert)
      all.push_back({layer.layer, expert});
  if (text == "all")
    return all;
  const std::string_view view = text;
  if (view.starts_with("top:")) {
    const auto count = numberOf(view.substr(4));
    if (!count || *count < 1)
      return refuse(text, "top needs how many");
    std::ranges::stable_sort(all, std::greater<>(),
                             [&](const ExpertId& id) { return affinities.uses(id); });
    all.resize(std::min(all.size(), static_cast<std::size_t>(*count)));
    std::ranges::sort(all);
    return all;
  }
  if (view.starts_with("all-of-layer:")) {
    const auto layer = numberOf(view.substr(13));
    std::erase_if(all, [&](const ExpertId& id) { return !layer || id.layer != *layer; });
    if (all.empty())
      return refuse(text, "this is not an MoE layer of the model");
    return all;
  }
  return listed(text, layers);
}

} // namespace switchyard::jobs::ablate
