#include "app/studio/figures/chart_spec.h"

#include <algorithm>
#include <limits>

namespace switchyard::studio {

ChartSpec chartSpec(const trace::Figure& figure, const trace::Chart& chart) {
  ChartSpec spec;
  spec.title = QString::fromStdString(figure.title);
  spec.look = chart.kind == trace::ChartKind::Bar    ? ChartLook::Bar
              : chart.kind == trace::ChartKind::Line ? ChartLook::Line
                                                     : ChartLook::Scatter;
  spec.xTitle = withUnit(chart.xTitle, chart.xUnit);
  spec.yTitle = withUnit(chart.yTitle, chart.yUnit);
  spec.xFormat = formatFor(chart.xUnit);
  spec.yFormat = formatFor(chart.yUnit);
  for (const std::string& category : chart.categories)
    spec.categories << QString::fromStdString(category);
  for (const trace::Series& from : chart.series) {
    ChartSeries series;
    series.name = QString::fromStdString(from.name);
    series.y = from.y;
    if (spec.look == ChartLook::Bar) {
      series.y.resize(static_cast<std::size_t>(spec.categories.size()),
                      std::numeric_limits<double>::quiet_NaN());
      for (std::size_t i = 0; i < series.y.size(); ++i)
        series.x.push_back(static_cast<double>(i));
    } else {
      series.x = from.x;
      const std::size_t points = std::min(from.x.size(), from.y.size());
      series.x.resize(points);
      series.y.resize(points);
    }
    if (from.intervals.size() == from.y.size()) {
      series.intervals = from.intervals;
      series.intervals.resize(series.y.size(), {std::numeric_limits<double>::quiet_NaN(),
                                                std::numeric_limits<double>::quiet_NaN()});
    }
    for (const std::string& label : from.labels)
      series.labels << QString::fromStdString(label);
    spec.series.push_back(std::move(series));
  }
  spec.reference = chart.reference;
  spec.referenceLabel = QString::fromStdString(chart.referenceLabel);
  spec.origin = QString::fromStdString(figure.note);
  return spec;
}

} // namespace switchyard::studio
