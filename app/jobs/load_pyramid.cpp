#include "app/jobs/load_pyramid.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>

#include "app/jobs/filtered.h"

namespace switchyard::jobs {

namespace {

using base::Result;

constexpr std::int64_t kFewestRows = 64;

} // namespace

Result<LoadPyramid> LoadPyramid::build(const trace::Trace& trace,
                                       const base::ThreadContext& threads,
                                       const base::RunControl& control, std::size_t maxBytes) {
  LoadPyramid pyramid;
  const std::vector<trace::LayerInfo>& layers = trace.meta().layers;
  for (const trace::LayerInfo& layer : layers)
    pyramid.m_experts = std::max(pyramid.m_experts, layer.experts);
  pyramid.m_cells = layers.size() * static_cast<std::size_t>(pyramid.m_experts);
  const auto starts = SY_TRY(rowStarts(trace));
  pyramid.m_rows = starts->back();
  const auto mostBlocks = static_cast<std::int64_t>(
      maxBytes / (std::max<std::size_t>(1, pyramid.m_cells) * sizeof(std::uint32_t)));
  pyramid.m_block =
      std::max(kFewestRows, (pyramid.m_rows + std::max<std::int64_t>(1, mostBlocks) - 1) /
                                std::max<std::int64_t>(1, mostBlocks));
  const std::int64_t blocks = (pyramid.m_rows + pyramid.m_block - 1) / pyramid.m_block;
  pyramid.m_sums.assign(static_cast<std::size_t>(blocks + 1) * pyramid.m_cells, 0);

  std::mutex mutex;
  std::optional<base::Error> failed;
  std::atomic<std::int64_t> done = 0;
  // Sums of counts do not depend on who adds first.
  const auto readSequence = [&](trace::TraceReader& reader, std::int64_t sequence,
                                std::vector<std::uint16_t>& ids) -> Result<void> {
    const std::int64_t start = (*starts)[static_cast<std::size_t>(sequence)];
    const std::int64_t rows = (*starts)[static_cast<std::size_t>(sequence) + 1] - start;
    for (std::int64_t first = 0; first < rows; first += trace::TraceReader::kBlockTokens) {
      const std::int64_t count = std::min(trace::TraceReader::kBlockTokens, rows - first);
      SY_TRY(control.check());
      for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto k = static_cast<std::size_t>(layers[layer].k);
        ids.resize(static_cast<std::size_t>(count) * k);
        SY_TRY(reader.ids(sequence, static_cast<int>(layer), first, count, ids));
        for (std::size_t slot = 0; slot < ids.size(); ++slot) {
          if (ids[slot] >= layers[layer].experts)
            continue;
          const std::int64_t block =
              (start + first + static_cast<std::int64_t>(slot / k)) / pyramid.m_block;
          std::uint32_t& sum =
              pyramid.m_sums[static_cast<std::size_t>(block + 1) * pyramid.m_cells +
                             layer * static_cast<std::size_t>(pyramid.m_experts) + ids[slot]];
          std::atomic_ref<std::uint32_t>(sum).fetch_add(1, std::memory_order_relaxed);
        }
      }
    }
    return {};
  };
  threads.parallelRanges(trace.sequences(), 4 * threads.threads(),
                         [&](std::int64_t, std::int64_t begin, std::int64_t end) {
                           const auto run = [&]() -> Result<void> {
                             const auto reader = SY_TRY(trace.reader());
                             std::vector<std::uint16_t> ids;
                             for (std::int64_t sequence = begin; sequence < end; ++sequence) {
                               SY_TRY(readSequence(*reader, sequence, ids));
                               ++done;
                             }
                             return {};
                           };
                           if (auto result = run(); !result) {
                             const std::lock_guard guard(mutex);
                             if (!failed)
                               failed = std::move(result).error();
                           }
                         });
  if (failed)
    return tl::unexpected<base::Error>(std::move(*failed));
  control.report(done, trace.sequences(), "sequences");
  for (std::size_t at = pyramid.m_cells; at < pyramid.m_sums.size(); ++at)
    pyramid.m_sums[at] += pyramid.m_sums[at - pyramid.m_cells];
  return pyramid;
}

LoadPyramid::Counts LoadPyramid::counts(std::int64_t first, std::int64_t last) const {
  Counts counts;
  const std::int64_t from = std::clamp<std::int64_t>(first, 0, m_rows),
                     to = std::clamp(last, from, m_rows);
  const std::int64_t firstBlock = from / m_block, endBlock = (to + m_block - 1) / m_block;
  counts.first = firstBlock * m_block;
  counts.last = std::min(endBlock * m_block, m_rows);
  counts.uses.resize(m_cells);
  if (counts.last <= counts.first || from == to)
    return counts;
  for (std::size_t cell = 0; cell < m_cells; ++cell)
    counts.uses[cell] =
        static_cast<std::int64_t>(m_sums[static_cast<std::size_t>(endBlock) * m_cells + cell]) -
        m_sums[static_cast<std::size_t>(firstBlock) * m_cells + cell];
  return counts;
}

} // namespace switchyard::jobs
