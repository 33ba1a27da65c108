#pragma once

#include "core/base/error.h"
#include "core/hooks/events.h"

namespace switchyard::hooks {

/// Watches a forward pass without changing it. Called on the thread that runs the session, layers
/// in order; returning an error ends the pass with that error. wants() is asked once per pass.
class Observer {
public:
  virtual ~Observer() = default;
  /// The points this observer reads; others may come as empty spans.
  virtual PointSet wants() const = 0;
  virtual base::Result<void> onRouter(const RouterEvent&) { return {}; }
  virtual base::Result<void> onHidden(const HiddenEvent&) { return {}; }
  virtual base::Result<void> onLmLogits(const LmLogitsEvent&) { return {}; }
};

} // namespace switchyard::hooks
