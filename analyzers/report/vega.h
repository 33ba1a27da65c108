#pragma once

#include <string>

#include "core/trace/result.h"

namespace switchyard::analyzers::report {

/// A figure as a Vega-Lite 5 specification (JSON text) with its data inside: values on hover, zoom
/// and pan by wheel and drag, series switched by their legend entries. Colours, order and marks are
/// those of toSvg(). Labels are data, never expressions. The same figure gives the same bytes.
std::string toVega(const trace::Figure& figure);

} // namespace switchyard::analyzers::report
