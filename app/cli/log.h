#pragma once

#include "core/base/log.h"

namespace switchyard::cli {

/// Messages for people on stderr through spdlog; quiet leaves warnings and errors.
base::LogSink stderrLog(bool quiet);

} // namespace switchyard::cli
