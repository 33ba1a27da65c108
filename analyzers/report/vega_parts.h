#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/trace/result.h"

namespace switchyard::analyzers::report {

/// One view of each kind of figure: everything but schema, title and configuration.
nlohmann::json vegaOf(const trace::Heatmap& map);
nlohmann::json vegaOf(const trace::Chart& chart);
nlohmann::json vegaOf(const trace::Flow& flow);

/// Null for NaN and infinities.
inline nlohmann::json vegaNumber(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

/// "title (unit)".
inline std::string vegaTitle(const std::string& title, const std::string& unit) {
  return unit.empty() ? title : title + " (" + unit + ")";
}

/// A tooltip entry for a field.
inline nlohmann::json vegaTip(const char* field, const std::string& title, bool number = false) {
  nlohmann::json tip = {
      {"field", field}, {"type", number ? "quantitative" : "nominal"}, {"title", title}};
  if (number)
    tip["format"] = ".4~g";
  return tip;
}

} // namespace switchyard::analyzers::report
