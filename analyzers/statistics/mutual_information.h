#pragma once

#include <cstdint>
#include <span>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Mutual information (nats) of a table of non-negative counts [rows, columns], row-major, with its
/// own margins; 0 for an empty table (all zero). Never negative.
///
/// Bias: the plug-in estimate is too large by about mutualInformationBias(); compare with a
/// permutation null. Errors: InvalidArgument (shape, negative), NonFinite.
base::Result<double> mutualInformation(std::span<const double> counts, std::size_t rows,
                                       std::size_t columns);

/// Mutual information (nats) of two label columns of equal length; labels are any integers.
/// Errors: InvalidArgument (empty, unequal lengths). O(n log n).
base::Result<double> mutualInformation(std::span<const std::int64_t> a,
                                       std::span<const std::int64_t> b);

/// (R-1)(C-1)/(2n): expected plug-in value at independence with R, C used values (Miller 1955).
double mutualInformationBias(double rows, double columns, double n);

} // namespace switchyard::statistics
