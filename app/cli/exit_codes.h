#pragma once

#include "core/base/error.h"

namespace switchyard::cli {

/// What the process returns. Scripts may rely on these numbers; `switchyard --help` lists them.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,      ///< Io, NonFinite, Internal: something broke while running
  kUsage = 2,       ///< wrong options or arguments
  kCheckFailed = 3, ///< the command ran, and what it checked is not as it should be
  kBadInput = 4,    ///< a file is missing, damaged or breaks its format
  kUnsupported = 5, ///< valid input that this version does not handle
  kLimit = 6,       ///< a size or memory bound would be passed
  kInterrupted = 130,
};

ExitCode exitCodeOf(base::ErrorCode code);

} // namespace switchyard::cli
