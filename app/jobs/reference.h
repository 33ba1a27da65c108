#pragma once

#include <memory>

#include "core/trace/analyzer.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// An analyzer that sees every block with the same rows of a second trace
/// (RoutingBlock::reference), so that a scan of one trace can compare two. Sequences are paired by
/// index. Errors beyond the inner analyzer's: InvalidArgument if the reference has other layers, or
/// no such rows.
std::unique_ptr<trace::Analyzer> withReference(std::unique_ptr<trace::Analyzer> inner,
                                               std::shared_ptr<const trace::Trace> reference);

} // namespace switchyard::jobs
