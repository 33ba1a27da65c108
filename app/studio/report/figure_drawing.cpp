#include "app/studio/report/figure_drawing.h"

#include <algorithm>

#include "app/jobs/report/markup.h"
#include "app/studio/figures/chart_scene.h"
#include "app/studio/figures/flow_scene.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kChartHeight = 300, kFlowHeight = 380;
constexpr double kSmallestMap = 130, kLargestMap = 560, kRowHeight = 18, kAxesHeight = 56;
constexpr double kSmallestMatrix = 300, kMatrixRow = 11; ///< two matrices of 32 experts on a page

void show(std::string& text) {
  text = jobs::report::plainText(text);
}

void show(std::vector<std::string>& texts) {
  for (std::string& text : texts)
    show(text);
}

struct ShowTexts {
  void operator()(trace::Heatmap& map) const {
    for (trace::Axis* axis : {&map.x, &map.y}) {
      show(axis->title);
      show(axis->labels);
    }
    show(map.unit);
  }
  void operator()(trace::Chart& chart) const {
    for (std::string* text :
         {&chart.xTitle, &chart.xUnit, &chart.yTitle, &chart.yUnit, &chart.referenceLabel})
      show(*text);
    show(chart.categories);
    for (trace::Series& series : chart.series) {
      show(series.name);
      show(series.labels);
    }
  }
  void operator()(trace::Flow& flow) const {
    for (trace::Flow::Node& node : flow.nodes)
      show(node.label);
    show(flow.unit);
  }
};

double heatmapHeight(const HeatmapData& data, double width) {
  const bool square = data.spec.matrix || (data.rows == data.columns && data.rows > 16);
  const double wanted =
      square ? std::clamp(data.rows * kMatrixRow, kSmallestMatrix, width) : data.rows * kRowHeight;
  return std::clamp(wanted, kSmallestMap, kLargestMap) + kAxesHeight;
}

} // namespace

FigureDrawing::FigureDrawing(const trace::Figure& given, double width, bool titled)
    : m_width(width), m_titled(titled) {
  const Theme& theme = Theme::instance();
  trace::Figure figure = given;
  std::visit(ShowTexts{}, figure.content);
  if (titled)
    m_heading.emplace_back(drawable(figure.title), theme.font(TextSize::Base, TextWeight::Heading),
                           width);
  if (!figure.note.empty())
    m_heading.emplace_back(drawable(figure.note), theme.font(TextSize::Note), width);
  show(figure.title);
  show(figure.note);
  double height = kChartHeight;
  if (const auto* map = std::get_if<trace::Heatmap>(&figure.content)) {
    auto scene = std::make_unique<HeatmapScene>(prepareHeatmap(heatmapSpec(figure, *map)));
    const HeatmapData& data = scene->data();
    m_host = std::make_unique<QWidget>();
    m_legend = new Legend(m_host.get());
    m_legend->setScale(data.spec.unit.isEmpty() ? data.spec.measure : data.spec.unit,
                       scene->domain(), data.spec.format,
                       data.hasNoData ? Legend::tr("no data") : QString());
    height = heatmapHeight(data, width);
    m_scene = std::move(scene);
  } else if (const auto* chart = std::get_if<trace::Chart>(&figure.content)) {
    m_scene = std::make_unique<ChartScene>(chartSpec(figure, *chart));
  } else {
    m_scene = std::make_unique<FlowScene>(flowSpec(figure, std::get<trace::Flow>(figure.content)));
    height = kFlowHeight;
  }
  for (const TextBlock& block : m_heading)
    m_sceneTop += block.height();
  m_sceneTop += 4;
  if (m_legend)
    m_sceneTop += m_legend->sizeHint().height();
  m_scene->layout({width, height}, 1);
  // What is binned is only known once it is laid out.
  if (const QString detail = m_scene->detailNote(); !detail.isEmpty()) {
    m_heading.emplace_back(detail, theme.font(TextSize::Note), width);
    m_sceneTop += m_heading.back().height();
  }
  m_height = m_sceneTop + height;
}

void FigureDrawing::paint(QPainter& painter, PaintTarget target) {
  const Theme& theme = Theme::instance();
  double y = 0;
  for (std::size_t i = 0; i < m_heading.size(); ++i) {
    m_heading[i].paint(painter, {0, y},
                       theme.color(i == 0 && m_titled ? Ink::TextStrong : Ink::TextMuted));
    y += m_heading[i].height();
  }
  if (m_legend) {
    painter.save();
    painter.translate(0, y);
    m_legend->paintInto(painter, m_legend->sizeHint());
    painter.restore();
  }
  painter.save();
  painter.translate(0, m_sceneTop);
  painter.setFont(theme.font());
  m_scene->paint(painter, target);
  painter.restore();
}

} // namespace switchyard::studio
