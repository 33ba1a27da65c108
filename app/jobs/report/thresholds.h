#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/jobs/report/document.h"

namespace switchyard::jobs::report {

/// One bound on a number of the results.
struct Check {
  std::string name; ///< "agreement: agreement_k"
  bool passed = false;
  std::string sentence; ///< "0.78 is at least 0.7", or why there is no number
};

/// Holds the numbers of a document against a file of bounds:
/// {"checks": [{"result": "agreement", "headline": "agreement_k", "min": 0.7},
///             {"result": "load", "table": "load_layers", "column": "cv", "max": 0.5}]}
/// A column's bound holds for every defined cell. A number that is not there, or undefined, fails
/// its check: a bound that cannot be held against anything must not pass.
/// Errors: as readTextFile; InvalidFormat naming the check (unknown key, no bound, no number).
base::Result<std::vector<Check>> check(const Document& document,
                                       const std::filesystem::path& thresholds);

} // namespace switchyard::jobs::report
