// Scales that are changed at the legends of the live view: undoable, and kept by the session.

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "app/studio/figures/legend.h"
#include "app/studio/figures/scale_command.h"
#include "app/studio/live/live_view.h"
#include "app/studio/live/metric_names.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/yard_legend.h"
#include "app/studio/live/yard_widget.h"

namespace switchyard::studio {

namespace {

nlohmann::json endsOf(const ColorDomain& scale) {
  return {scale.low, scale.high, scale.inverted};
}

/// `scale` with the ends of endsOf(); nothing where `kept` is nonsense.
std::optional<ColorDomain> withEnds(ColorDomain scale, const nlohmann::json& kept) {
  if (!kept.is_array() || kept.size() != 3 || !kept[0].is_number() || !kept[1].is_number() ||
      !kept[2].is_boolean())
    return std::nullopt;
  scale.low = kept[0].get<double>();
  scale.high = kept[1].get<double>();
  scale.inverted = kept[2].get<bool>();
  if (!(scale.low < scale.centre.value_or(scale.high) &&
        scale.centre.value_or(scale.low) < scale.high))
    return std::nullopt;
  return scale;
}

} // namespace

ColorDomain LiveView::rasterScale() const {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  const TokenMetric metric = m_raster->metric();
  const ColorDomain designed =
      designedScale(metric, m_player.track() ? m_player.track()->shape() : TrackShape{});
  return clampedTo(m_player.scaleOf(metric), designed.clampsLow ? -kFar : designed.low,
                   designed.clampsHigh ? kFar : designed.high);
}

void LiveView::connectLegends() {
  connect(m_rasterLegend, &Legend::domainEdited, this,
          [this](const ColorDomain& scale) { changeRasterScale(scale); });
  connect(m_rasterLegend, &Legend::domainReset, this, [this] { changeRasterScale(std::nullopt); });
  connect(&m_player, &Player::scalesChanged, this, &LiveView::updateHeaders);
  connect(m_yardLegend, &YardLegend::gateEdited, this, [this](const ColorDomain& gate) {
    changeYardScales({gate, m_yard->scales().bed}, tr("Change the yard's scale of gate weights"));
  });
  connect(m_yardLegend, &YardLegend::bedEdited, this, [this](const ColorDomain& bed) {
    changeYardScales({m_yard->scales().gate, bed}, tr("Change the scale of the yard's bed"));
  });
  connect(m_yard, &YardWidget::scalesChanged, m_yardLegend, &YardLegend::setScales);
  connect(&workbench().document(), &Document::cleared, this, &LiveView::resetScales);
}

void LiveView::changeRasterScale(const std::optional<ColorDomain>& scale) {
  const TokenMetric metric = m_raster->metric();
  const auto changed = m_player.changedScales().find(metric);
  const std::optional<ColorDomain> before =
      changed == m_player.changedScales().end() ? std::nullopt : std::optional(changed->second);
  if (before == scale)
    return;
  workbench().document().undoStack().push(new ScaleCommand<std::optional<ColorDomain>>(
      tr("Change the scale of %1").arg(metricName(metric)), before, scale,
      [this, metric](const std::optional<ColorDomain>& value) { m_player.setScale(metric, value); },
      m_raster));
}

void LiveView::changeYardScales(const YardScales& scales, const QString& what) {
  if (scales != m_yard->scales())
    workbench().document().undoStack().push(new ScaleCommand<YardScales>(
        what, m_yard->scales(), scales,
        [this](const YardScales& value) { m_yard->setScales(value); }, m_yard));
}

void LiveView::resetScales() {
  while (!m_player.changedScales().empty())
    m_player.setScale(m_player.changedScales().begin()->first, std::nullopt);
  m_yard->setScales({});
}

void LiveView::saveScales(nlohmann::json& state) const {
  nlohmann::json scales = nlohmann::json::array();
  for (const auto& [metric, scale] : m_player.changedScales())
    scales.push_back({static_cast<int>(metric), scale.low, scale.high, scale.inverted});
  state["scales"] = scales;
  state["yard_scales"] = {{"gate", endsOf(m_yard->scales().gate)},
                          {"bed", endsOf(m_yard->scales().bed)}};
}

void LiveView::restoreScales(const nlohmann::json& state) {
  if (state.contains("scales") && state["scales"].is_array())
    for (const nlohmann::json& kept : state["scales"]) {
      if (!kept.is_array() || kept.size() != 4 || !kept[0].is_number_integer())
        continue;
      const auto metric =
          std::ranges::find(kTokenMetrics, static_cast<TokenMetric>(kept[0].get<int>()));
      if (metric == kTokenMetrics.end())
        continue;
      if (const auto scale = withEnds(designedScale(*metric, {}), {kept[1], kept[2], kept[3]}))
        m_player.setScale(*metric, scale);
    }
  if (!state.contains("yard_scales") || !state["yard_scales"].is_object())
    return;
  const nlohmann::json& kept = state["yard_scales"];
  YardScales scales;
  scales.gate = withEnds(scales.gate, kept.value("gate", nlohmann::json())).value_or(scales.gate);
  scales.bed = withEnds(scales.bed, kept.value("bed", nlohmann::json())).value_or(scales.bed);
  m_yard->setScales(scales);
}

} // namespace switchyard::studio
