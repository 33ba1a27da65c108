#pragma once

#include <QPainter>
#include <QPainterPath>

#include "app/studio/live/yard_layout.h"
#include "app/studio/live/yard_scene.h"

namespace switchyard::studio::yard {

/// `t` of the way from a to b.
QColor mixed(const QColor& a, const QColor& b, double t);
QColor bedColor(double share, const YardScales& scales); ///< of the last tokens that use the expert
QColor strandColor(double gate, const YardScales& scales);  ///< with its opacity
QColor stationColor(double gate, const YardScales& scales); ///< opaque, of a filled cell
double strandWidth(double gate, const YardScales& scales);  ///< px at full size
/// No wider than the rows have room for.
double strandWidth(double gate, const YardScales& scales, const YardLayout& layout);
/// Font for numbers inside cells and labels.
QFont labelFont(bool bold = false);

/// A piece of a strand, from one row to the next or to a chip.
struct Segment {
  QPointF from, to;
  double gate = 0;       ///< of the choice it leads to
  std::size_t layer = 0; ///< of that choice; the number of layers: to the chip below
  friend bool operator==(const Segment&, const Segment&) = default;
};
/// All strands of a token that the level of detail joins, weak ones first.
std::vector<Segment> tokenSegments(const YardLayout& layout, const Track& track,
                                   std::int64_t position, bool comesOut);
/// Its first choices only, in the order of layers.
std::vector<Segment> firstSegments(const YardLayout& layout, const Track& track,
                                   std::int64_t position);
/// First choices of one token through all layers, as one path.
QPainterPath firstChoices(const YardLayout& layout, const Track& track, std::int64_t position);
/// x of that path at height y; nothing outside the rows.
std::optional<double> firstChoiceX(const YardLayout& layout, const Track& track,
                                   std::int64_t position, double y);

void paintStations(QPainter& painter, const YardLayout& layout, const YardScene& scene);
void paintLabels(QPainter& painter, const YardLayout& layout, const YardScene& scene);
void paintChips(QPainter& painter, const YardLayout& layout, const YardScene& scene);
void paintGutter(QPainter& painter, const YardLayout& layout, const YardScene& scene);
void paintLens(QPainter& painter, const YardLayout& layout, const YardScene& scene);
void paintMarks(QPainter& painter, const YardLayout& layout, const YardScene& scene);
void paintSelection(QPainter& painter, const YardLayout& layout, const YardScene& scene);

/// Experts of a layer that the tokens [position - history, position] use, ascending.
std::vector<int> usedExperts(const Track& track, std::size_t layer, std::int64_t position,
                             int history);
/// The lens row: the experts it unfolds and their cells. Empty without a lens.
struct LensCell {
  int expert = 0;
  QRectF rect;
};
std::vector<LensCell> lensCells(const YardLayout& layout, const YardScene& scene);

} // namespace switchyard::studio::yard
