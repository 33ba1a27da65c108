#pragma once

#include <chrono>
#include <functional>

namespace switchyard::plugin {

/// Runs `body` on a thread of its own and waits for it at most `limit`; calls `tick` on the calling
/// thread about every 20 ms meanwhile. False if it did not end in time: the thread is left behind
/// and still uses everything the body holds, so the body owns what it touches (shared pointers).
/// The body must not throw. If no thread can be made, it runs here, without a limit.
bool runWithLimit(std::function<void()> body, std::chrono::milliseconds limit,
                  const std::function<void()>& tick);

} // namespace switchyard::plugin
