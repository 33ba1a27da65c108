#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <QStringList>

#include "app/studio/figures/value_text.h"
#include "core/trace/result.h"

namespace switchyard::studio {

struct ChartSeries {
  QString name;
  std::vector<double> x;                            ///< bars and dots: 0, 1, 2 ...
  std::vector<double> y;                            ///< as long as x; NaN = no data
  std::vector<std::pair<double, double>> intervals; ///< of y, or empty
  QStringList labels;                               ///< of points, or empty
  bool dashed = false;
};

/// A labelled place on the x axis ("working set").
struct ChartMark {
  double x = 0;
  QString label;
};

enum class ChartLook {
  Bar,
  Line,
  Scatter,
  Dots, ///< categories down, values across, intervals as whiskers
};

/// A chart as it is to be drawn. Items are the points, series after series.
struct ChartSpec {
  QString title;
  ChartLook look = ChartLook::Bar;
  QString xTitle, yTitle; ///< with units; of Dots: xTitle names the categories, yTitle the values
  ValueFormat xFormat = ValueFormat::Plain, yFormat = ValueFormat::Plain;
  QStringList categories; ///< Bar and Dots
  std::vector<ChartSeries> series;
  std::optional<double> reference; ///< of y
  QString referenceLabel;
  std::vector<ChartMark> marks;
  std::vector<std::uint8_t> muted; ///< Dots: per category, drawn weak (no support)
  QString origin;
};

/// A chart of a result. Values that do not fit together are dropped.
ChartSpec chartSpec(const trace::Figure& figure, const trace::Chart& chart);

} // namespace switchyard::studio
