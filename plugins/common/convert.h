#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/plugin/sdk.hpp"
#include "core/trace/block.h"
#include "core/trace/columns.h"
#include "core/trace/result.h"
#include "core/trace/simulator.h"

namespace switchyard::plugins {

/// Throws what a Result holds as an error; gives its value otherwise.
[[noreturn]] void raise(const base::Error& error);
template <typename T> T valueOr(base::Result<T> result) {
  if (!result)
    raise(result.error());
  return std::move(*result);
}
inline void check(const base::Result<void>& result) {
  if (!result)
    raise(result.error());
}

std::vector<trace::LayerInfo> layersOf(std::span<const sdk::Layer> layers);
std::uint32_t columnsOf(const trace::Columns& columns);
sdk::Result resultOf(trace::AnalysisResult result);
trace::MachineDescription machineOf(const sdk::Machine& machine);

/// Blocks of the SDK as blocks of core/trace. A sequence is copied when its first block comes.
class BlockReader {
public:
  /// Borrows from this and from the block; valid until the next call.
  trace::RoutingBlock read(const sdk::Block& block);

private:
  trace::SequenceInfo m_sequence;
  bool m_any = false;
};

} // namespace switchyard::plugins
