#pragma once

namespace switchyard::studio {

/// Makes every FigureWidget a table for assistive technology: name, headline, cells that speak.
/// Called by the widget itself; doing it twice changes nothing.
void installFigureAccessibility();

} // namespace switchyard::studio
