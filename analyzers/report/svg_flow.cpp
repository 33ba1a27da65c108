#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "analyzers/report/encoding.h"
#include "analyzers/report/palette.h"
#include "analyzers/report/svg_parts.h"

namespace switchyard::analyzers::report {

namespace {

constexpr double kNodeWidth = 12, kColumnGap = 190, kFlowHeight = 460, kNodeGap = 6, kFlowLeft = 24;

struct PlacedNode {
  double x = 0, y = 0, height = 0;
  double in = 0, out = 0;         ///< amounts
  double inUsed = 0, outUsed = 0; ///< pixels already taken by links
};

bool leadsSomewhere(const trace::Flow::Link& link, std::size_t nodes) {
  return link.from >= 0 && link.to >= 0 && static_cast<std::size_t>(link.from) < nodes &&
         static_cast<std::size_t>(link.to) < nodes && link.amount > 0 && std::isfinite(link.amount);
}

} // namespace

CanvasSize drawFlow(SvgCanvas& canvas, const trace::Flow& flow) {
  std::vector<PlacedNode> nodes(flow.nodes.size());
  for (const trace::Flow::Link& link : flow.links) {
    if (!leadsSomewhere(link, nodes.size()))
      continue;
    nodes[static_cast<std::size_t>(link.from)].out += link.amount;
    nodes[static_cast<std::size_t>(link.to)].in += link.amount;
  }
  std::map<int, std::vector<std::size_t>> columns; ///< in order of number
  for (std::size_t n = 0; n < nodes.size(); ++n)
    columns[flow.nodes[n].column].push_back(n);
  double largest = 0;
  std::size_t most = 1;
  for (const auto& [number, members] : columns) {
    double sum = 0;
    for (std::size_t n : members)
      sum += std::max(nodes[n].in, nodes[n].out);
    largest = std::max(largest, sum);
    most = std::max(most, members.size());
  }
  const double perUnit =
      largest > 0 ? std::max(60.0, kFlowHeight - kNodeGap * static_cast<double>(most - 1)) / largest
                  : 0;
  double x = kFlowLeft, bottom = kContentTop + 40;
  std::size_t colour = 0;
  for (const auto& [number, members] : columns) {
    double y = kContentTop + 16;
    for (std::size_t n : members) {
      PlacedNode& node = nodes[n];
      node.x = x;
      node.y = y;
      node.height = std::max(1.0, std::max(node.in, node.out) * perUnit);
      y += node.height + kNodeGap;
    }
    bottom = std::max(bottom, y);
    x += kColumnGap;
  }
  for (const trace::Flow::Link& link : flow.links) {
    if (!leadsSomewhere(link, nodes.size()))
      continue;
    PlacedNode& from = nodes[static_cast<std::size_t>(link.from)];
    PlacedNode& to = nodes[static_cast<std::size_t>(link.to)];
    const double height = link.amount * perUnit;
    const double x0 = from.x + kNodeWidth, x1 = to.x, middle = (x0 + x1) / 2;
    const double y0 = from.y + from.outUsed, y1 = to.y + to.inUsed;
    from.outUsed += height;
    to.inUsed += height;
    canvas.path(fmt::format("M{0},{1}C{2},{1} {2},{3} {4},{3}V{5}C{2},{5} {2},{6} {0},{6}Z",
                            pixels(x0), pixels(y0), pixels(middle), pixels(y1), pixels(x1),
                            pixels(y1 + height), pixels(y0 + height)),
                seriesColour(static_cast<std::size_t>(link.from)), "none", 0, {}, 0.35,
                fmt::format("{} to {}: {} {}",
                            flow.nodes[static_cast<std::size_t>(link.from)].label,
                            flow.nodes[static_cast<std::size_t>(link.to)].label,
                            shortNumber(link.amount), flow.unit));
  }
  for (std::size_t n = 0; n < nodes.size(); ++n, ++colour) {
    const PlacedNode& node = nodes[n];
    canvas.rect(node.x, node.y, kNodeWidth, node.height, seriesColour(colour),
                fmt::format("{}: {} {}", flow.nodes[n].label,
                            shortNumber(std::max(node.in, node.out)), flow.unit));
    if (node.height >= kLabelSize - 2)
      canvas.text(node.x + kNodeWidth + 4, node.y + node.height / 2 + 4,
                  fitted(flow.nodes[n].label, kLabelSize, kColumnGap - 40), kLabelSize);
  }
  return {x - kColumnGap + kNodeWidth + 190, bottom + 24};
}

} // namespace switchyard::analyzers::report
