#include <algorithm>

#include <fmt/format.h>

#include "core/model/config_parts.h"

namespace switchyard::model {

using base::Result;

namespace {

constexpr int kAnyLayer = kMaxPositions; ///< bound of layer numbers, which may lie beyond the stack

Result<std::vector<bool>> routedLayers(ConfigReader& reader, const FamilySpec& spec, int layers) {
  std::vector<bool> routed(static_cast<std::size_t>(layers), true);
  const auto keep = [&](auto&& predicate) {
    for (int i = 0; i < layers; ++i)
      routed[static_cast<std::size_t>(i)] = predicate(i);
  };
  switch (spec.layerRule) {
  case LayerRule::All:
    break;
  case LayerRule::SparseStep: {
    const int step = SY_TRY(reader.integerOr({"decoder_sparse_step"}, 1, kAnyLayer, 1));
    const auto dense =
        SY_TRY(reader.integers({"mlp_only_layers"})).value_or(std::vector<std::int64_t>{});
    if (std::ranges::any_of(dense, [](std::int64_t layer) { return layer < 0; }))
      return reader.invalid("mlp_only_layers", "must hold layer numbers from 0");
    keep([&](int i) { return (i + 1) % step == 0 && std::ranges::find(dense, i) == dense.end(); });
    break;
  }
  case LayerRule::FirstDense: {
    const int first =
        SY_TRY(reader.integerOr({"first_k_dense_replace"}, 0, kAnyLayer, spec.firstDense));
    // Only the published remote code reads the frequency; the reference assumes 1.
    const int frequency = SY_TRY(reader.integerOr({"moe_layer_freq"}, 1, kAnyLayer, 1));
    keep([&](int i) { return i >= first && i % frequency == 0; });
    break;
  }
  case LayerRule::Interval: {
    const int interval = SY_TRY(reader.integerOr({"moe_layer_interval"}, 1, kAnyLayer, 1));
    const int start = SY_TRY(reader.integerOr({"moe_layer_start_index"}, 0, kAnyLayer, 1));
    const int end = SY_TRY(reader.integerOr({"moe_layer_end_index"}, -1, kAnyLayer, -1));
    keep([&](int i) { return (i + 1) % interval == 0 && i >= start && (end == -1 || i <= end); });
    break;
  }
  }
  return routed;
}

bool windowedByRule(const FamilySpec& spec, int layer, int maxWindowLayers) {
  switch (spec.windowRule) {
  case WindowRule::None:
    return false;
  case WindowRule::Every:
  case WindowRule::Switched:
    return true;
  case WindowRule::EvenBelow:
    return layer % 2 == 0 && layer < maxWindowLayers;
  case WindowRule::FromLayer:
    return layer >= maxWindowLayers;
  case WindowRule::Even:
    return layer % 2 == 0;
  }
  return false;
}

/// Which layers attend to a window, by layer_types or the family's rule.
Result<std::vector<bool>> windowedLayers(ConfigReader& reader, const FamilySpec& spec, int layers,
                                         bool on) {
  // Of the families with a window switch, qwen3_moe takes no notice of max_window_layers.
  const int maxWindowLayers =
      SY_TRY(reader.integerOr({"max_window_layers"}, 0, kAnyLayer, spec.maxWindowLayers));
  std::vector<bool> windowed(static_cast<std::size_t>(layers), false);
  const auto types = SY_TRY(reader.texts({"layer_types"}));
  if (types && types->size() != windowed.size())
    return reader.invalid("layer_types",
                          fmt::format("has {} entries for {} layers", types->size(), layers));
  for (std::size_t i = 0; i < windowed.size(); ++i) {
    if (!types) {
      windowed[i] = on && windowedByRule(spec, static_cast<int>(i), maxWindowLayers);
      continue;
    }
    const std::string& type = (*types)[i];
    windowed[i] = type == "sliding_attention";
    if (!windowed[i] && type != "full_attention")
      return reader.unsupported("layer_types",
                                "only full_attention and sliding_attention are supported");
  }
  return windowed;
}

Result<void> parseWindows(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config) {
  const bool switched =
      spec.windowRule == WindowRule::Switched || spec.windowRule == WindowRule::EvenBelow;
  const bool on = SY_TRY(reader.booleanOr({"use_sliding_window"}, !switched));
  const std::optional<std::int64_t> given =
      SY_TRY(reader.integer({"sliding_window"}, 0, kMaxPositions));
  const int window = given                              ? static_cast<int>(*given)
                     : reader.missing("sliding_window") ? spec.window.value_or(0)
                                                        : 0;
  // These two rules always call for a window; the others only if a width is given.
  const bool always =
      spec.windowRule == WindowRule::EvenBelow || spec.windowRule == WindowRule::Even;
  const bool wanted = (on || !switched) && (always || window > 0 || given);
  const std::vector<bool> windowed = SY_TRY(windowedLayers(reader, spec, config.layers, wanted));
  const bool any = std::ranges::find(windowed, true) != windowed.end();
  const bool narrower = on && window > 0 && window < config.maxPositions;
  if (spec.windowRule == WindowRule::None && (any || narrower))
    return reader.unsupported(any ? "layer_types" : "sliding_window",
                              fmt::format("{} has no attention windows", spec.name));
  if (any && !on)
    return reader.invalid("use_sliding_window", "contradicts the layers that attend to a window");
  if (any && window == 0)
    return reader.invalid("sliding_window", "must be at least 1, layers attend to a window");
  config.window.clear();
  for (const bool one : windowed)
    config.window.push_back(one ? window : 0);
  return {};
}

} // namespace

Result<void> parseLayers(ConfigReader& reader, const FamilySpec& spec, ModelConfig& config) {
  config.moeLayer = SY_TRY(routedLayers(reader, spec, config.layers));
  if (config.moeLayers() == 0)
    return reader.unsupported("num_hidden_layers",
                              "none of the layers is routed; dense models are not supported");
  if (spec.denseWidth > 0)
    config.denseWidth =
        SY_TRY(reader.integerOr({"intermediate_size"}, 1, kMaxWidth, spec.denseWidth));
  return parseWindows(reader, spec, config);
}

} // namespace switchyard::model
