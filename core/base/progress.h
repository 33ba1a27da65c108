#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>

#include "core/base/error.h"

namespace switchyard::base {

/// Called by long functions, from the thread that called them, at most every few milliseconds.
/// done <= total; total 0 means unknown. `phase` names the unit being counted, e.g. "tokens".
using ProgressFn =
    std::function<void(std::int64_t done, std::int64_t total, std::string_view phase)>;

/// What a long function needs from its caller: how to report and when to give up.
/// Both members are optional; `stop` is checked per layer or about every 10 ms.
struct RunControl {
  ProgressFn progress;
  std::stop_token stop;

  void report(std::int64_t done, std::int64_t total, std::string_view phase) const {
    if (progress)
      progress(done, total, phase);
  }
  /// Error Cancelled once a stop was requested.
  Result<void> check() const {
    if (stop.stop_requested())
      return fail(ErrorCode::Cancelled, "stopped on request");
    return {};
  }
};

} // namespace switchyard::base
