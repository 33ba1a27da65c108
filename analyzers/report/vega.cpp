#include "analyzers/report/vega.h"

#include "analyzers/report/encoding.h"
#include "analyzers/report/vega_parts.h"

namespace switchyard::analyzers::report {

std::string toVega(const trace::Figure& figure) {
  nlohmann::json spec = std::visit([](const auto& data) { return vegaOf(data); }, figure.content);
  spec["$schema"] = "https://vega.github.io/schema/vega-lite/v5.json";
  spec["description"] = validUtf8(figure.title);
  spec["config"] = {
      {"font", "system-ui, sans-serif"},
      {"view", {{"stroke", nullptr}}},
      {"axis", {{"labelFontSize", 11}, {"titleFontSize", 12}, {"titleFontWeight", 500}}},
      {"legend", {{"labelFontSize", 11}, {"titleFontSize", 12}}}};
  return spec.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace switchyard::analyzers::report
