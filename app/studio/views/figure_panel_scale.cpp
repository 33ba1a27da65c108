// Scales that are changed at a figure's legend: undoable, kept for what the colours mean and how
// the scale runs, so that new numbers and other layers have them, too.

#include <limits>

#include <QPointer>

#include "app/studio/figures/scale_command.h"
#include "app/studio/views/figure_panel.h"

namespace switchyard::studio {

namespace {

/// `designed` with other ends; itself where they make no scale of its kind.
ColorDomain withEnds(const ColorDomain& designed, const ScaleEnds& ends) {
  ColorDomain scale = designed;
  scale.low = ends.low;
  scale.high = ends.high;
  scale.inverted = ends.inverted;
  const bool rises = scale.low < scale.centre.value_or(scale.high) &&
                     scale.centre.value_or(scale.low) < scale.high;
  if (!rises || (scale.scale == ScaleKind::Log2 && !(scale.low > 0)))
    return designed;
  constexpr double kFar = std::numeric_limits<double>::infinity();
  return clampedTo(scale, designed.clampsLow ? -kFar : designed.low,
                   designed.clampsHigh ? kFar : designed.high);
}

QString measureOf(const HeatmapSpec& spec) {
  return spec.unit.isEmpty() ? spec.measure : spec.unit;
}

/// What the scales of a measure are kept under. Numbers of few tokens may have a scale of another
/// kind.
QString keyOf(const HeatmapSpec& spec) {
  return measureOf(spec) + (spec.domain.scale == ScaleKind::Log2 ? ", log" : ", linear") +
         (spec.domain.isDiverging() ? ", diverging" : "");
}

} // namespace

void FigurePanel::connectLegend() {
  connect(m_legend, &Legend::domainEdited, this, [this](const ColorDomain& domain) {
    changeScale(ScaleEnds{domain.low, domain.high, domain.inverted});
  });
  connect(m_legend, &Legend::domainReset, this, [this] { changeScale(std::nullopt); });
  connect(&m_workbench.document(), &Document::cleared, this, [this] { setScales({}); });
}

void FigurePanel::changeScale(const std::optional<ScaleEnds>& ends) {
  const auto* heatmap = dynamic_cast<HeatmapScene*>(m_figure->scene());
  if (!heatmap)
    return;
  const QString key = keyOf(heatmap->data().spec);
  const auto found = m_scales.find(key);
  const std::optional<ScaleEnds> before =
      found == m_scales.end() ? std::nullopt : std::optional(found->second);
  if (before == ends)
    return;
  m_workbench.document().undoStack().push(new ScaleCommand<std::optional<ScaleEnds>>(
      tr("Change the scale of %1").arg(heatmap->title()), before, ends,
      [panel = QPointer(this), key](const std::optional<ScaleEnds>& value) {
        if (!panel)
          return;
        if (value)
          panel->m_scales.insert_or_assign(key, *value);
        else
          panel->m_scales.erase(key);
        panel->updateScale();
      },
      m_figure));
}

void FigurePanel::setScales(std::map<QString, ScaleEnds> scales) {
  m_scales = std::move(scales);
  updateScale();
}

void FigurePanel::updateScale() {
  if (auto* heatmap = dynamic_cast<HeatmapScene*>(m_figure->scene())) {
    const HeatmapSpec& spec = heatmap->data().spec;
    const auto kept = m_scales.find(keyOf(spec));
    const ColorDomain scale =
        kept == m_scales.end() ? spec.domain : withEnds(spec.domain, kept->second);
    if (scale != heatmap->domain()) {
      heatmap->setDomain(scale);
      m_figure->refreshScene();
    }
  }
  updateLegend();
}

void FigurePanel::updateLegend() {
  const auto* heatmap = dynamic_cast<HeatmapScene*>(m_figure->scene());
  if (!heatmap) {
    m_legend->clear();
    return;
  }
  const HeatmapSpec& spec = heatmap->data().spec;
  m_legend->setScale(measureOf(spec), heatmap->domain(), spec.format,
                     !heatmap->data().hasNoData     ? QString()
                     : spec.noDataMeaning.isEmpty() ? tr("no data")
                                                    : spec.noDataMeaning,
                     spec.dots.empty() ? QString() : spec.dotMeaning);
}

} // namespace switchyard::studio
