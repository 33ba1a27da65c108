#pragma once

namespace switchyard::studio {

class Timeline;

/// The timeline's lanes as a table for screen readers: a row for each lane, a column for each bar.
void describeCells(Timeline& timeline);

} // namespace switchyard::studio
