#include "app/studio/live/live_state.h"

#include <algorithm>

#include "app/studio/live/generation.h"

namespace switchyard::studio {

std::int64_t LiveState::reusable(const LiveRequest& request,
                                 std::span<const base::TokenId> wanted) const {
  const bool sameRouting =
      recipe == request.recipe && (!recipe || seed == request.generate.sampler.seed);
  if (!trace || !sameRouting || model.lock() != request.model ||
      trace->columns() != request.columns || !std::ranges::equal(prompt, wanted))
    return 0;
  const std::vector<base::TokenId>& forced = request.generate.forced;
  const auto differs = std::ranges::mismatch(generated, forced).in1;
  const std::int64_t same =
      static_cast<std::int64_t>(wanted.size()) + (differs - generated.begin());
  const auto before =
      static_cast<std::int64_t>(wanted.size() + forced.size()) - (forced.empty() ? 1 : 2);
  return std::max<std::int64_t>(0, std::min({same, before, request.held, cache.length()}));
}

base::Result<void> showRecorded(const trace::Trace& trace, std::int64_t rows,
                                hooks::Observer& observer, const base::RunControl& control) {
  const std::unique_ptr<trace::TraceReader> reader = SY_TRY(trace.reader());
  const trace::SequenceInfo info = SY_TRY(reader->sequence(0, trace::SequenceText::Skip));
  std::vector<hooks::RowInfo> places;
  std::vector<std::int32_t> ids;
  return reader->forEachBlock(
      info, trace.columns(), {}, 0, rows,
      [&](const trace::RoutingBlock& block) -> base::Result<void> {
        SY_TRY(control.check());
        places.clear();
        for (std::int64_t row = 0; row < block.rows; ++row) {
          const std::int64_t position = block.firstToken + row;
          places.push_back({base::SequenceId{0}, base::TokenPos{position},
                            base::TokenId{info.tokens[static_cast<std::size_t>(position)]}});
        }
        ids.assign(block.ids.begin(), block.ids.end());
        std::ranges::replace(ids, std::int32_t{trace::kNoExpert}, hooks::kNoExpert);
        hooks::RouterEvent event;
        event.layer = base::LayerId{block.info.layer};
        event.rows = places;
        event.experts = block.info.experts;
        event.k = block.info.k;
        event.ids = ids;
        event.weights = block.weights;
        event.logits = block.logits;
        event.norms = block.norms;
        return observer.onRouter(event);
      });
}

} // namespace switchyard::studio
