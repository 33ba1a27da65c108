#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/trace/reader.h"

namespace switchyard::trace {

/// Where each sequence's rows start among the rows of a trace; one more entry at the end. Read by
/// the first call, then kept with the trace. Any thread. Errors: the reader's.
base::Result<std::shared_ptr<const std::vector<std::int64_t>>> rowStarts(const Trace& trace);

} // namespace switchyard::trace
