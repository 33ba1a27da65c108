#include "analyzers/common/layer_set.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "analyzers/common/fixed_sum.h"

namespace switchyard::analyzers {

using base::ErrorCode;
using base::fail;

base::Result<void> LayerSet::begin(std::span<const trace::LayerInfo> layers) {
  if (layers.empty())
    return fail(ErrorCode::InvalidArgument,
                "the trace has no MoE layer, so there is no routing to analyse");
  for (const trace::LayerInfo& layer : layers) {
    if (layer.experts < 1 || layer.experts >= trace::kNoExpert || layer.k < 1 ||
        layer.k > layer.experts)
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("a layer with {} experts and top-{} cannot be analysed",
                              layer.experts, layer.k),
                  {.layer = base::LayerId(layer.layer)});
  }
  m_layers.assign(layers.begin(), layers.end());
  return {};
}

namespace {

// Not inlined: among paths that fail, GCC 12 does not vectorise them.

/// The largest id + 1; kNoExpert becomes 0.
[[gnu::noinline]] std::uint16_t mostId(std::span<const std::uint16_t> ids) {
  std::uint16_t most = 0;
  for (const std::uint16_t id : ids)
    most = std::max(most, static_cast<std::uint16_t>(id + 1));
  return most;
}

/// The largest magnitude, as bits: those of NaN are above all numbers'.
[[gnu::noinline]] std::int32_t mostWeight(std::span<const float> weights) {
  std::int32_t most = 0;
  for (const float w : weights)
    most = std::max(most, std::bit_cast<std::int32_t>(w) & 0x7FFFFFFF);
  return most;
}

base::Result<void> checkValues(const trace::RoutingBlock& block) {
  const auto experts = static_cast<std::uint16_t>(block.info.experts);
  if (mostId(block.ids) <= experts &&
      mostWeight(block.weights) <= std::bit_cast<std::int32_t>(static_cast<float>(kMaxWeight)))
    return {};
  for (std::size_t i = 0; i < block.ids.size(); ++i) {
    const bool badId = block.ids[i] >= experts && block.ids[i] != trace::kNoExpert;
    const bool badWeight = !block.weights.empty() && !(std::fabs(block.weights[i]) <= kMaxWeight);
    if (!badId && !badWeight)
      continue;
    const std::int64_t row = static_cast<std::int64_t>(i) / block.info.k;
    return fail(ErrorCode::InvalidFormat,
                badId ? fmt::format("expert id {} is outside 0..{}", block.ids[i], experts - 1)
                      : fmt::format("gate weight {} is not a usable number", block.weights[i]),
                {.layer = base::LayerId(block.info.layer),
                 .token = base::TokenPos(block.firstToken + row)});
  }
  return {};
}

} // namespace

base::Result<void> LayerSet::check(const trace::RoutingBlock& block) const {
  const base::Where where{.layer = base::LayerId(block.info.layer)};
  if (block.sequence == nullptr || block.moeLayer < 0 ||
      static_cast<std::size_t>(block.moeLayer) >= m_layers.size())
    return fail(ErrorCode::InvalidArgument, "a block of no known sequence or layer was given",
                where);
  const trace::LayerInfo& layer = m_layers[static_cast<std::size_t>(block.moeLayer)];
  if (layer.layer != block.info.layer || layer.experts != block.info.experts ||
      layer.k != block.info.k)
    return fail(ErrorCode::InvalidArgument,
                "a block's layer differs from the trace's list of layers", where);
  const auto rows = static_cast<std::size_t>(std::max<std::int64_t>(block.rows, 0));
  const std::size_t slots = rows * static_cast<std::size_t>(layer.k);
  const auto fits = [](std::size_t size, std::size_t want) { return size == 0 || size == want; };
  if (block.rows < 0 || block.firstToken < 0 || block.ids.size() != slots ||
      !fits(block.weights.size(), slots) || !fits(block.norms.size(), slots) ||
      !fits(block.logits.size(), rows * static_cast<std::size_t>(layer.experts)) ||
      !fits(block.predicted.size(), rows))
    return fail(ErrorCode::InvalidArgument, "a block's columns do not have the size its rows say",
                where);
  return checkValues(block);
}

bool LayerSet::same(const LayerSet& other) const {
  return std::ranges::equal(m_layers, other.m_layers,
                            [](const trace::LayerInfo& a, const trace::LayerInfo& b) {
                              return a.layer == b.layer && a.experts == b.experts && a.k == b.k;
                            });
}

tl::unexpected<base::Error> cannotMerge(std::string_view id) {
  return fail(
      ErrorCode::InvalidArgument,
      fmt::format("'{}' can only be merged with '{}' of the same options and layers", id, id));
}

std::string layerName(const trace::LayerInfo& layer) {
  return std::to_string(layer.layer);
}

std::vector<std::string> expertNames(int experts) {
  std::vector<std::string> names;
  for (int e = 0; e < experts; ++e)
    names.push_back(std::to_string(e));
  return names;
}

} // namespace switchyard::analyzers
