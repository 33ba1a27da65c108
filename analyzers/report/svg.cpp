#include "analyzers/report/svg.h"

#include <algorithm>

#include "analyzers/report/svg_parts.h"

namespace switchyard::analyzers::report {

namespace {

struct Draw {
  SvgCanvas& canvas;
  CanvasSize operator()(const trace::Heatmap& map) const { return drawHeatmap(canvas, map); }
  CanvasSize operator()(const trace::Chart& chart) const { return drawChart(canvas, chart); }
  CanvasSize operator()(const trace::Flow& flow) const { return drawFlow(canvas, flow); }
};

} // namespace

std::string withUnit(const std::string& title, const std::string& unit) {
  return unit.empty() || title == unit ? title : title.empty() ? unit : title + " (" + unit + ")";
}

std::string toSvg(const trace::Figure& figure) {
  SvgCanvas canvas;
  canvas.text(16, 26, figure.title, kTitleSize, Anchor::Start, 0, true);
  canvas.text(16, 44, figure.note, kLabelSize);
  CanvasSize size = std::visit(Draw{canvas}, figure.content);
  size.width = std::max({size.width, 32 + textWidth(figure.title, kTitleSize) * 1.1,
                         32 + textWidth(figure.note, kLabelSize)});
  return canvas.document(size.width, size.height, figure.title, figure.note);
}

} // namespace switchyard::analyzers::report
