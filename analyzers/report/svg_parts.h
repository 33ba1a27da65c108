#pragma once

#include "analyzers/report/svg_canvas.h"
#include "core/trace/result.h"

namespace switchyard::analyzers::report {

/// Where a figure's content starts, below title and note.
inline constexpr double kContentTop = 56;

struct CanvasSize {
  double width = 0, height = 0;
};

// Each draws its kind below kContentTop and returns the size it needs.
CanvasSize drawHeatmap(SvgCanvas& canvas, const trace::Heatmap& map);
CanvasSize drawChart(SvgCanvas& canvas, const trace::Chart& chart);
CanvasSize drawFlow(SvgCanvas& canvas, const trace::Flow& flow);

/// "title (unit)", or the title alone.
std::string withUnit(const std::string& title, const std::string& unit);

} // namespace switchyard::analyzers::report
