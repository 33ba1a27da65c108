#pragma once

#include <memory>
#include <string>

#include "app/studio/live/track.h"
#include "core/base/progress.h"
#include "core/trace/reader.h"

namespace switchyard::studio {

/// Part of one recorded sequence as the live views show it.
struct ReplayWindow {
  Track track{};
  trace::SequenceInfo info{}; ///< of the whole sequence, without its text
  std::int64_t total = 0;     ///< rows of the sequence
};

/// Shape of what a trace has for the live views.
TrackShape shapeOf(const trace::Trace& trace);

/// Reads the tokens around `position`: as many as fit into about 48 MiB as decoded, the position in
/// the first quarter of them. Entropy and margin come from recorded logits as the live view
/// computes them. Errors: those of the reader; NotFound for a sequence without routing; Cancelled.
base::Result<ReplayWindow> loadReplay(const std::shared_ptr<const trace::Trace>& trace,
                                      std::int64_t sequence, std::int64_t position,
                                      const base::RunControl& control);

/// Tokens with routing in the sequences before this one. Reads sizes only. Errors: the reader's.
base::Result<std::int64_t> tokensBefore(const trace::Trace& trace, std::int64_t sequence);

} // namespace switchyard::studio
