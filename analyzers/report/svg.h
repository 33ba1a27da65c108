#pragma once

#include <string>

#include "core/trace/result.h"

namespace switchyard::analyzers::report {

/// A figure as one self-contained SVG 1.1 document: title, axes, legend with its scale, values as
/// tooltips. Cells without data are hatched grey, outside the colour scale. Values with a neutral
/// point get a diverging scale about it. The same figure gives the same bytes.
/// Heatmaps whose values do not fit their axes, and flows with links that lead nowhere, are drawn
/// as far as they make sense.
std::string toSvg(const trace::Figure& figure);

} // namespace switchyard::analyzers::report
