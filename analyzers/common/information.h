#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace switchyard::analyzers {

/// Entropy in nats of weights divided by their sum; nothing when the sum is 0.
std::optional<double> entropyOf(std::span<const double> weights);

/// Mutual information in nats of a table of counts [rows, columns], normalised by its total, with
/// its own margins (plug-in estimate, biased upwards by about (rows-1)(columns-1)/(2 total)).
/// Nothing when the table is empty. O(rows * columns).
std::optional<double> mutualInformation(std::span<const std::uint64_t> counts, std::size_t columns);

} // namespace switchyard::analyzers
