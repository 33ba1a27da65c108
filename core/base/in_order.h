#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/thread_context.h"

namespace switchyard::base {

/// Runs `produce(i)`, a Result<Value>, for every i in [0, count) on the context's threads, and
/// `consume(i, Value)`, a Result<void>, for one i after the other in ascending order, on whichever
/// thread is free, while later ones are produced. At most `window` (>= 1) values exist at a time.
/// The error that comes first in the order of i ends the run and is returned; nothing after it is
/// consumed. Neither function may throw.
template <typename Value, typename Produce, typename Consume>
Result<void> produceInOrder(const ThreadContext& threads, std::int64_t count, std::int64_t window,
                            Produce&& produce, Consume&& consume) {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::optional<Result<Value>>> waiting; // of [consumed, started)
  std::int64_t started = 0, consumed = 0;
  bool consuming = false;
  Result<void> outcome;
  const auto work = [&](std::int64_t) {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock,
                   [&] { return !outcome || started == count || started < consumed + window; });
      if (!outcome || started == count)
        return;
      const std::int64_t i = started++;
      waiting.emplace_back();
      lock.unlock();
      Result<Value> value = produce(i);
      lock.lock();
      waiting[static_cast<std::size_t>(i - consumed)] = std::move(value);
      while (!consuming && outcome && !waiting.empty() && waiting.front()) {
        consuming = true;
        Result<Value> next = std::move(*waiting.front());
        lock.unlock();
        Result<void> done = next ? consume(consumed, std::move(*next))
                                 : Result<void>(tl::unexpected<Error>(std::move(next).error()));
        lock.lock();
        consuming = false;
        if (!done)
          outcome = std::move(done);
        waiting.pop_front();
        ++consumed;
        changed.notify_all();
      }
    }
  };
  threads.parallelFor(std::min<std::int64_t>(threads.threads(), count), work);
  return outcome;
}

} // namespace switchyard::base
