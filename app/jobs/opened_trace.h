#pragma once

#include <filesystem>
#include <memory>

#include "core/trace/reader.h"

namespace switchyard::jobs {

/// `opened` if it is the complete trace that is still at `path`, so that what it has read need not
/// be read again; else the trace that is there now. opened: may be null. Errors: Trace::open()'s.
base::Result<std::shared_ptr<const trace::Trace>>
traceAt(const std::filesystem::path& path, const std::shared_ptr<const trace::Trace>& opened);

} // namespace switchyard::jobs
