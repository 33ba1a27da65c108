#pragma once

#include <optional>
#include <utility>

#include <QString>

#include "core/trace/result.h"

namespace switchyard::studio {

/// How a measure is written for people.
enum class ValueFormat {
  Plain,   ///< "0.043"
  Times,   ///< "0.24×"
  Percent, ///< of a share: "35 %", "< 1 %"
  Signed,  ///< "+0.30", "−0.25"
  Count,   ///< "45 025"
  Rate,    ///< "0.83": two decimals, for narrow places
  P,       ///< of a test: two digits, "< 0.001"
};

/// What the unit of a heatmap, a chart's axis or a column says.
ValueFormat formatFor(const std::string& unit);

/// "no data" for NaN. A true minus sign, thin spaces between thousands, about three significant
/// digits, ¼ ½ for powers of two under Times.
QString valueText(double value, ValueFormat format = ValueFormat::Plain);

/// With the decimals that show the first digit of the interval's half-width (two if that is a 1):
/// "0.774 ± 0.007" where both sides are then the same, else "0.24× [0.17, 0.32]".
QString valueText(double value, const std::pair<double, double>& interval,
                  ValueFormat format = ValueFormat::Plain);

/// p to two digits, "< 0.001" below.
QString pText(double p);

/// A cell of a result's table; numbers of a column keep their trailing zeros.
QString cellText(const trace::Cell& cell, ValueFormat format = ValueFormat::Plain);

/// "1st", "2nd", "3rd", "4th", "11th", of a rank that starts at 1.
QString ordinal(int rank);

/// "title (unit)", or the title alone.
QString withUnit(const std::string& title, const std::string& unit);

} // namespace switchyard::studio
