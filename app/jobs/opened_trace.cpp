#include "app/jobs/opened_trace.h"

namespace switchyard::jobs {

base::Result<std::shared_ptr<const trace::Trace>>
traceAt(const std::filesystem::path& path, const std::shared_ptr<const trace::Trace>& opened) {
  // A reader is refused if another file is in its place.
  if (opened && opened->complete() && opened->path() == path && opened->reader())
    return opened;
  return trace::Trace::open(path);
}

} // namespace switchyard::jobs
