#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "analyzers/statistics/concentration.h"

namespace switchyard::analyzers {

// The statistics library's functions on integer counts, which are never negative or NaN here.

/// Of one load per expert; all undefined when every load is 0.
statistics::Concentration concentrationOf(std::span<const std::int64_t> load);

/// E sum f P of one group; nothing without tokens or assignments.
std::optional<double> loadBalanceOf(std::span<const std::int64_t> counts,
                                    std::span<const double> probabilitySum, std::int64_t tokens,
                                    int k);

/// Nats; nothing for an empty table. counts: [rows, columns].
std::optional<double> mutualInformationOf(std::span<const std::uint64_t> counts,
                                          std::size_t columns);

} // namespace switchyard::analyzers
