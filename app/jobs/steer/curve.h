#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/jobs/evaluate/tables.h"
#include "core/trace/result.h"

namespace switchyard::jobs::steer {

/// The variants of one multiplier, as indices into the evaluation's variants.
struct Step {
  double multiplier = 1;
  std::size_t steered = 0;
  std::vector<std::size_t> controls;
};

/// Experts that were steered, and those that stood in for them.
struct SteeredExpert {
  std::string layer, expert;         ///< as numbers
  double score = 0;                  ///< composite nPMI
  std::int64_t uses = 0;             ///< tokens of the trace that selected it
  std::vector<std::string> controls; ///< the expert of each control set, same layer
};

/// The curve over multipliers: steered experts and the mean of the control sets, each against the
/// base, and against each other, paired by item. p of steered against controls is what speaks of
/// the choice of experts; it is corrected over the multipliers.
/// Errors: those of the statistics.
base::Result<trace::AnalysisResult> describeCurve(const evaluate::Measured& measured,
                                                  const std::vector<Step>& steps,
                                                  const std::vector<SteeredExpert>& experts,
                                                  const evaluate::TestOptions& tests, double alpha);

} // namespace switchyard::jobs::steer
