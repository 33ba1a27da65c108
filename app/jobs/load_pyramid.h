#pragma once

#include <cstdint>
#include <vector>

#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/trace/reader.h"

namespace switchyard::jobs {

/// How often each expert was selected in any range of a trace's rows, to within a block: running
/// sums every so many rows. Immutable; read from any thread.
class LoadPyramid {
public:
  /// Uses over the rows [first, last), which are whole blocks.
  struct Counts {
    std::int64_t first = 0, last = 0;
    std::vector<std::int64_t> uses; ///< [layers * experts of the widest layer]
  };

  /// Reads the ids of the whole trace once. Blocks are as small as `maxBytes` of sums allow, at
  /// least 64 rows. The same for any number of threads. Errors: the reader's, Cancelled.
  static base::Result<LoadPyramid> build(const trace::Trace& trace,
                                         const base::ThreadContext& threads,
                                         const base::RunControl& control,
                                         std::size_t maxBytes = std::size_t{64} << 20);

  std::int64_t rows() const { return m_rows; }
  std::int64_t blockRows() const { return m_block; }
  int experts() const { return m_experts; }
  /// The blocks that [first, last) touches. O(layers * experts).
  Counts counts(std::int64_t first, std::int64_t last) const;

private:
  std::int64_t m_rows = 0;
  std::int64_t m_block = 64;
  int m_experts = 0;
  std::size_t m_cells = 0;
  std::vector<std::uint32_t> m_sums; ///< [blocks + 1][cells], of all blocks before
};

} // namespace switchyard::jobs
