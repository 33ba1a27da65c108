#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/error.h"

namespace switchyard::statistics {

/// Controls for token position and phase. Experts prefer positions and phases, and labels do too
/// (answers come late, prompts differ in length), so an association of label and expert can be the
/// position's. Shuffling labels only among tokens of one stratum (permutation.h) takes that out.

/// Position bins by powers of two: 0, 1, 2-3, 4-7, ... Fine where routing changes fastest, at the
/// start of a sequence. Errors: InvalidArgument for a negative position.
base::Result<std::vector<std::int64_t>> logPositionStrata(std::span<const std::int64_t> positions);

/// About equally full position bins: bin = bins * (tokens at smaller positions) / tokens. Tokens at
/// one position share a bin, so fewer bins may be used. Errors: InvalidArgument for bins < 1.
base::Result<std::vector<std::int64_t>> quantileStrata(std::span<const std::int64_t> positions,
                                                       int bins);

/// One stratum for each combination that occurs of two stratifications, for example position bin
/// and phase, numbered by ascending (first, second).
/// Errors: InvalidArgument for unequal lengths.
base::Result<std::vector<std::int64_t>> crossStrata(std::span<const std::int64_t> first,
                                                    std::span<const std::int64_t> second);

/// How much a stratification leaves to shuffle. Items whose stratum has a single label cannot move:
/// with few movable items a stratified test has no power, whatever the effect.
struct StrataReport {
  std::int64_t strata = 0;
  std::int64_t movableItems = 0; ///< in strata with at least two different labels
};

/// Errors: InvalidArgument (empty, unequal lengths).
base::Result<StrataReport> reportStrata(std::span<const std::int64_t> labels,
                                        std::span<const std::int64_t> strata);

} // namespace switchyard::statistics
