#pragma once

namespace switchyard::studio {

class Player;
class Raster;
class TokenStrip;
class Workbench;
class YardWidget;

/// The pictures of the live view as tables for screen readers: from now on each cell says what it
/// is. Yard: layers by experts, what the shown token chose and how many of the last tokens used the
/// others. Raster: layers by tokens. Strip: one row of tokens. Both with the metric that is shown.
void describeCells(YardWidget& yard, Raster& raster, TokenStrip& strip, Player& player,
                   Workbench& workbench);

} // namespace switchyard::studio
