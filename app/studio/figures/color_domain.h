#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/trace/result.h"

namespace switchyard::studio {

enum class ScaleKind { Linear, Log2 };

/// From values to [0, 1], the place in a colour map. A value.
struct ColorDomain {
  ScaleKind scale = ScaleKind::Linear;
  double low = 0;
  double high = 1;
  /// Set: the diverging map, with this value at its middle. Each side has its own slope.
  std::optional<double> centre{};
  std::optional<double> mark{}; ///< drawn on the legend: chance, fair share
  bool clampsLow = false;       ///< there are values below low; the legend says so
  bool clampsHigh = false;
  bool inverted = false;

  bool isDiverging() const { return centre.has_value(); }
  /// Clamped to [0, 1]; NaN stays NaN. On a log scale values <= 0 are below everything.
  double share(double value) const;
  /// The value at a place of the map; share(valueAt(t)) is t within rounding.
  double valueAt(double share) const;
  friend bool operator==(const ColorDomain&, const ColorDomain&) = default;
};

/// `scale` of values from `least` to `most`, with the signs of ends that clamp some of them.
ColorDomain clampedTo(ColorDomain scale, double least, double most);

/// Which of the fixed domains of the design a measure has.
enum class DomainRule {
  Range,            ///< smallest to largest value; from 0 where values start near it
  Load,             ///< times fair share: log2, 1/4 to 4 about 1
  Lift,             ///< the same
  CoactivationLift, ///< log2, 1/8 to 8 about 1
  Probability,      ///< from 0 to the largest, chance marked
  TopGate,          ///< from 1/k (the neutral value) to 1
  Difference,       ///< symmetric about the neutral value (0 unless given)
};

/// What the unit and neutral value of a heatmap say about its measure.
DomainRule ruleFor(const trace::Heatmap& map);

/// The domain of these values (NaN = no data). `neutral`: chance. Load and lift turn sequential,
/// from 0 to the 99th percentile rounded up with 1 marked, if more than 20 % of the values would
/// be clamped.
ColorDomain domainFor(std::span<const double> values, DomainRule rule,
                      std::optional<double> neutral = {});

/// Values written on a legend, ascending: ends, centre, mark.
std::vector<double> legendValues(const ColorDomain& domain);

} // namespace switchyard::studio
