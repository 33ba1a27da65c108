#pragma once

#include <string_view>

#include "core/base/error.h"
#include "core/plugin/abi.h"

namespace switchyard::plugin {

/// sy_status <-> ErrorCode; unknown ones are Internal.
base::ErrorCode codeOf(sy_status status);
sy_status statusOf(base::ErrorCode code);

/// Writes a message into a plugin's error buffer, cut to fit; null and too small ones are left.
void setMessage(sy_error* error, std::string_view message);

/// An Error of the host, as a host service returns it to a plugin.
sy_status giveError(sy_error* to, const base::Error& error);

} // namespace switchyard::plugin
