#include "core/trace/row_starts.h"

#include "core/trace/reader_impl.h"

namespace switchyard::trace {

base::Result<RowStarts> TraceReader::Impl::rowStarts(TraceReader& reader) {
  const Trace::Impl& facts = *reader.m_impl->facts;
  const std::lock_guard guard(facts.startsMutex);
  if (facts.starts)
    return facts.starts;
  auto starts = std::make_shared<std::vector<std::int64_t>>(1, 0);
  SY_TRY(reader.forEachSequence(
      0, facts.content.sequences,
      [&](const SequenceInfo&, const SequenceSize& size) -> base::Result<void> {
        starts->push_back(starts->back() + size.rows);
        return {};
      }));
  facts.starts = std::move(starts);
  return facts.starts;
}

base::Result<RowStarts> rowStarts(const Trace& trace) {
  const auto reader = SY_TRY(trace.reader());
  return TraceReader::Impl::rowStarts(*reader);
}

} // namespace switchyard::trace
