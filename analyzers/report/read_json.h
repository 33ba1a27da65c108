#pragma once

#include "core/base/error.h"
#include "core/trace/result.h"

#include <nlohmann/json_fwd.hpp>

namespace switchyard::analyzers::report {

/// The result that toJson() wrote; options come back sorted by name.
/// `where` names the file in errors. Errors: InvalidFormat naming the key, for anything that toJson
/// would not have written (a missing key, another type, rows of another width, an unknown kind).
base::Result<trace::AnalysisResult> resultFromJson(const nlohmann::json& json,
                                                   const base::Where& where);

} // namespace switchyard::analyzers::report
