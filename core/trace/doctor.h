#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"

namespace switchyard::trace {

enum class Verdict : std::uint8_t {
  Good,    ///< checked, nothing found
  Note,    ///< true and worth knowing; results stand
  Suspect, ///< results may mislead; look at the evidence
  Bad,     ///< wrong or damaged data
};
std::string_view name(Verdict verdict); ///< "good", "note", "suspect", "bad"

/// One check and what it found. A check that found nothing is listed too, as Good.
struct Finding {
  std::string check{}; ///< stable id: "file-integrity", "repeated-ids", ...
  Verdict verdict = Verdict::Good;
  std::string evidence{}; ///< what was counted or seen, with the first place
  std::string remedy{};   ///< what to do; empty when Good
  std::int64_t count = 0; ///< how many rows, chunks or layers are concerned
};

struct DoctorReport {
  std::vector<Finding> findings; ///< in a fixed order
  Verdict verdict() const;       ///< the worst
};

struct DoctorOptions {
  /// false: files and chunks only; true: every row too.
  bool content = true;
};

/// The trace doctor: reads a whole trace and says what is wrong with it, in bounded memory, on all
/// threads. Damage is a finding, not an error.
/// Errors: NotFound, Io, InvalidFormat (not a trace at all), Unsupported, Cancelled.
base::Result<DoctorReport> checkTrace(const std::filesystem::path& path,
                                      const base::ThreadContext& threads,
                                      const DoctorOptions& options = {},
                                      const base::RunControl& control = {});

} // namespace switchyard::trace
