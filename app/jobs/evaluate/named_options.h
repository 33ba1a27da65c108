#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace switchyard::jobs::evaluate {

/// A name with options as one word of a command line: "numeric:tolerance=0.5",
/// "self-contrast:beta=0.5,mode=rank-2".
struct NamedOptions {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options; ///< in the order given
};

/// NAME or NAME:OPTION=VALUE,OPTION=VALUE. A part without '=' belongs to the value before it, so
/// that values may be lists. Errors: InvalidArgument for no name or a part that belongs nowhere.
base::Result<NamedOptions> parseNamedOptions(std::string_view text);

/// The word again.
std::string describe(const NamedOptions& named);

} // namespace switchyard::jobs::evaluate
