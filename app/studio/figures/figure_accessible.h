#pragma once

namespace switchyard::studio {

/// Makes figures, and widgets with a CellTableHolder, tables for screen readers. Once is enough.
void installFigureAccessibility();

} // namespace switchyard::studio
