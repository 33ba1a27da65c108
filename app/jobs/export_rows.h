#pragma once

#include "app/jobs/buffered_file.h"
#include "core/base/progress.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// The text formats of export_trace.h. Errors: the reader's, Io, Cancelled.
base::Result<void> writeCsv(trace::TraceReader& reader, BufferedFile& out,
                            const base::RunControl& control);
base::Result<void> writeJsonl(trace::TraceReader& reader, BufferedFile& out,
                              const base::RunControl& control);

} // namespace switchyard::jobs
