#include "app/cli/exit_codes.h"

namespace switchyard::cli {

ExitCode exitCodeOf(base::ErrorCode code) {
  using base::ErrorCode;
  switch (code) {
  case ErrorCode::InvalidArgument:
    return kUsage;
  case ErrorCode::NotFound:
  case ErrorCode::InvalidFormat:
  case ErrorCode::Corrupt:
    return kBadInput;
  case ErrorCode::Unsupported:
    return kUnsupported;
  case ErrorCode::LimitExceeded:
    return kLimit;
  case ErrorCode::Cancelled:
    return kInterrupted;
  case ErrorCode::Io:
  case ErrorCode::NonFinite:
  case ErrorCode::Internal:
    return kFailed;
  }
  return kFailed;
}

} // namespace switchyard::cli
