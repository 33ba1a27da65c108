#pragma once

#include <memory>
#include <vector>

#include "core/trace/analyzer.h"

namespace switchyard::jobs {

/// An analyzer that is shown some of a trace's MoE layers as if the trace had no others: the layers
/// that a scan reads (ScanFilter::moeLayers), numbered from 0. moeLayers: ascending indices into
/// the trace's layers. Errors beyond the inner analyzer's: InvalidArgument for a block of another
/// layer.
std::unique_ptr<trace::Analyzer> withLayers(std::unique_ptr<trace::Analyzer> inner,
                                            std::vector<int> moeLayers);

} // namespace switchyard::jobs
