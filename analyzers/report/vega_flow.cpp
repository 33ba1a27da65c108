#include <algorithm>
#include <map>

#include "analyzers/report/palette.h"
#include "analyzers/report/vega_parts.h"

namespace switchyard::analyzers::report {

namespace {

using nlohmann::json;

constexpr int kSteps = 24;          ///< of a band's curve
constexpr double kNodeWidth = 0.03; ///< of the distance of two columns
constexpr double kGap = 0.01;       ///< between the nodes of a column, of the tallest one

struct Box {
  double top = 0, height = 0;
  double usedOut = 0, usedIn = 0;
};

/// Nodes stacked in their columns; a node is as tall as the larger of what comes in and goes out.
std::vector<Box> stacked(const trace::Flow& flow) {
  std::vector<double> in(flow.nodes.size()), out(flow.nodes.size());
  for (const trace::Flow::Link& link : flow.links) {
    out[static_cast<std::size_t>(link.from)] += link.amount;
    in[static_cast<std::size_t>(link.to)] += link.amount;
  }
  std::map<int, double> total, next;
  for (std::size_t n = 0; n < flow.nodes.size(); ++n)
    total[flow.nodes[n].column] += std::max(in[n], out[n]);
  double tallest = 0;
  for (const auto& [column, amount] : total)
    tallest = std::max(tallest, amount);
  std::vector<Box> boxes(flow.nodes.size());
  for (std::size_t n = 0; n < boxes.size(); ++n) {
    double& top = next[flow.nodes[n].column];
    boxes[n] = {top, std::max(in[n], out[n])};
    top += boxes[n].height + kGap * tallest;
  }
  return boxes;
}

bool sound(const trace::Flow& flow, const trace::Flow::Link& link) {
  const auto exists = [&](int node) {
    return node >= 0 && static_cast<std::size_t>(node) < flow.nodes.size();
  };
  return exists(link.from) && exists(link.to) && std::isfinite(link.amount) && link.amount > 0;
}

} // namespace

json vegaOf(const trace::Flow& given) {
  trace::Flow flow = given;
  std::erase_if(flow.links, [&](const trace::Flow::Link& link) { return !sound(given, link); });
  std::vector<Box> boxes = stacked(flow);
  json nodes = json::array(), bands = json::array();
  for (std::size_t n = 0; n < boxes.size(); ++n)
    nodes.push_back({{"x", flow.nodes[n].column},
                     {"x2", flow.nodes[n].column + kNodeWidth},
                     {"y", boxes[n].top},
                     {"y2", boxes[n].top + boxes[n].height},
                     {"node", flow.nodes[n].label},
                     {"amount", boxes[n].height}});
  for (std::size_t l = 0; l < flow.links.size(); ++l) {
    const trace::Flow::Link& link = flow.links[l];
    Box& from = boxes[static_cast<std::size_t>(link.from)];
    Box& to = boxes[static_cast<std::size_t>(link.to)];
    const trace::Flow::Node& a = flow.nodes[static_cast<std::size_t>(link.from)];
    const trace::Flow::Node& b = flow.nodes[static_cast<std::size_t>(link.to)];
    const double y0 = from.top + from.usedOut, y1 = to.top + to.usedIn;
    from.usedOut += link.amount;
    to.usedIn += link.amount;
    for (int s = 0; s <= kSteps; ++s) {
      const double t = static_cast<double>(s) / kSteps;
      const double ease = t * t * (3 - 2 * t);
      const double y = y0 + (y1 - y0) * ease;
      bands.push_back({{"link", l},
                       {"x", a.column + kNodeWidth + (b.column - a.column - kNodeWidth) * t},
                       {"y", y},
                       {"y2", y + link.amount},
                       {"from", a.label},
                       {"to", b.label},
                       {"amount", link.amount}});
    }
  }
  const std::string unit = flow.unit.empty() ? "amount" : flow.unit;
  const json x = {
      {"field", "x"}, {"type", "quantitative"}, {"axis", nullptr}, {"scale", {{"nice", false}}}};
  const json y = {{"field", "y"},
                  {"type", "quantitative"},
                  {"axis", nullptr},
                  {"scale", {{"reverse", true}, {"nice", false}}}};
  return {
      {"width", "container"},
      {"height", 420},
      {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}},
      {"layer",
       json::array(
           {{{"data", {{"values", bands}}},
             {"params",
              json::array({{{"name", "zoom"}, {"select", "interval"}, {"bind", "scales"}}})},
             {"mark",
              {{"type", "area"}, {"color", seriesColour(0)}, {"opacity", 0.35}, {"clip", true}}},
             {"encoding",
              {{"x", x},
               {"y", y},
               {"y2", {{"field", "y2"}}},
               {"detail", {{"field", "link"}}},
               {"tooltip", json::array({vegaTip("from", "from"), vegaTip("to", "to"),
                                        vegaTip("amount", unit, true)})}}}},
            {{"data", {{"values", nodes}}},
             {"mark", {{"type", "rect"}, {"color", "#444444"}, {"clip", true}}},
             {"encoding",
              {{"x", x},
               {"x2", {{"field", "x2"}}},
               {"y", y},
               {"y2", {{"field", "y2"}}},
               {"tooltip",
                json::array({vegaTip("node", "node"), vegaTip("amount", unit, true)})}}}},
            {{"data", {{"values", nodes}}},
             {"mark",
              {{"type", "text"},
               {"align", "left"},
               {"baseline", "top"},
               {"dx", 6},
               {"fontSize", 10},
               {"clip", true}}},
             {"encoding", {{"x", x}, {"y", y}, {"text", {{"field", "node"}}}}}}})}};
}

} // namespace switchyard::analyzers::report
