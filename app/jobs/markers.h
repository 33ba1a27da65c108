#pragma once

#include <string>
#include <vector>

#include "analyzers/npmi/markers.h"
#include "core/base/error.h"
#include "core/plugin/options.h"
#include "core/tokenizer/tokenizer.h"
#include "core/trace/result.h"

namespace switchyard::jobs {

/// The markers of RICE (arXiv:2505.14681): "<think>" counts for an expert, "</think>" against it.
std::vector<std::string> defaultMarkers();

/// Marker texts "TEXT" or "TEXT=COEFFICIENT". A text is looked for as it is and with a leading
/// space, where that makes other tokens. Errors: InvalidArgument for an empty text; the
/// tokenizer's.
base::Result<std::vector<analyzers::Marker>> readMarkers(const std::vector<std::string>& markers,
                                                         const tokenizer::Tokenizer& tokenizer);

/// The same as values of an option "markers" (NAME:COEFFICIENT:IDS).
base::Result<plugin::OptionArguments> markerArguments(const std::vector<std::string>& markers,
                                                      const tokenizer::Tokenizer& tokenizer);

/// A recipe (JSON) that multiplies the gate weights of the experts that an nPMI result recommends,
/// by 64 as RICE does or otherwise, at `where` (see the router plugin npmi-steer); empty if it
/// recommends none or is no nPMI result.
std::string steeringRecipe(const trace::AnalysisResult& result, double multiplier = 64,
                           const std::string& where = "post-norm");

} // namespace switchyard::jobs
