#pragma once

#include <optional>

#include <QString>

#include "app/studio/live/token_metric.h"

namespace switchyard::studio {

/// "top-1 gate"
QString metricName(TokenMetric metric);
/// "top-1 gate, mean of layers", "entropy, L3"
QString metricName(TokenMetric metric, std::optional<std::size_t> moeLayer,
                   const TrackShape& shape);
/// "0.55"; "not known" for NaN.
QString metricText(float value);
/// Why a metric shows nothing for this track; empty: it shows something.
QString metricMissing(TokenMetric metric, const TrackShape& shape, bool hasNpmi);

} // namespace switchyard::studio
