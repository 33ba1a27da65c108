#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/error.h"
#include "core/trace/columns.h"

namespace switchyard::bench {

/// Size of a made-up trace; the defaults are OLMoE's layers and experts.
struct TraceShape {
  int layers = 16;
  int experts = 64;
  int k = 8;
  std::int64_t sequences = 64;
  std::int64_t tokensPerSequence = 512;
  trace::Columns columns{.weights = true};
};

/// Writes a finished trace of seeded routing (experts skewed by layer, a domain label on every
/// sequence), replacing what is at `path`. Same bytes for the same shape.
base::Result<void> writeTrace(const std::filesystem::path& path, const TraceShape& shape);

/// Where large traces stay from one run to the next: $SWITCHYARD_BENCH_TRACE, or the temporary
/// folder.
std::filesystem::path keptFolder();
/// A trace of this shape there, made unless it is there and whole.
base::Result<std::filesystem::path> keptTrace(const TraceShape& shape);

} // namespace switchyard::bench
