#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/archive.h"
#include "core/hooks/observer.h"

namespace switchyard::jobs {

/// Passes the events of a forward pass on as bytes, for an observer in another process that
/// replayEvents() calls with the same events.
class EventTape final : public hooks::Observer {
public:
  struct Wants {
    hooks::PointSet points = 0;
    /// Of next-token logits only the largest's id goes on: [rows] in place of [rows, vocabulary].
    bool argmaxOnly = false;
  };
  /// `flush` gets the bytes whenever there are many, and what is left from flush().
  EventTape(const Wants& wants, std::function<base::Result<void>(std::string)> flush)
      : m_wants(wants), m_flush(std::move(flush)) {}

  hooks::PointSet wants() const override { return m_wants.points; }
  base::Result<void> onRouter(const hooks::RouterEvent& event) override;
  base::Result<void> onHidden(const hooks::HiddenEvent& event) override;
  base::Result<void> onLmLogits(const hooks::LmLogitsEvent& event) override;
  base::Result<void> flush();

private:
  base::Result<void> add(base::ArchiveWriter& event);

  Wants m_wants;
  std::function<base::Result<void>(std::string)> m_flush;
  std::string m_bytes;
};

/// Calls `observer` with the events in the order they came, and `onPredicted` where an argmax went
/// on in place of logits. Errors: theirs; Internal for bytes that are no events.
base::Result<void>
replayEvents(std::string_view bytes, hooks::Observer& observer,
             const std::function<base::Result<void>(std::span<const std::int32_t>)>& onPredicted);

} // namespace switchyard::jobs
