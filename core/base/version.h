#pragma once

#include <string_view>

namespace switchyard::base {

/// The program's version, "1.2.3"; goes into every trace and result.
std::string_view version();

} // namespace switchyard::base
