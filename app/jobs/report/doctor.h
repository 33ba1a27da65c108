#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "app/jobs/report/document.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"

namespace switchyard::jobs::report {

/// Lets the trace doctor (core/trace/doctor.h) look at the traces that parts were made of, each
/// once as long as this object lives. Thread-safe; calls wait for each other.
class TraceDoctor {
public:
  /// What is suspect or bad in a trace becomes a notice of its parts; Part::doctor says what was
  /// looked at, or why not (a trace that cannot be reached, or is another one now).
  /// Cost: one pass over each new trace. Error: Cancelled.
  base::Result<void> consult(Document& document, const base::ThreadContext& threads,
                             const base::RunControl& control);

private:
  struct Opinion {
    std::string sentence;
    std::vector<std::string> notices;
  };
  static base::Result<Opinion> examine(const Part& part, const base::ThreadContext& threads,
                                       const base::RunControl& control);
  std::mutex m_mutex;
  std::map<std::pair<std::string, std::string>, Opinion> m_known; ///< by file and trace id
};

} // namespace switchyard::jobs::report
