#include "core/plugin/watchdog.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace switchyard::plugin {

bool runWithLimit(std::function<void()> body, std::chrono::milliseconds limit,
                  const std::function<void()>& tick) {
  struct State {
    std::function<void()> body;
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  const auto state = std::make_shared<State>();
  state->body = std::move(body);
  std::thread thread;
  try {
    thread = std::thread([state] {
      state->body();
      state->body = nullptr; // what it owned goes before the caller is told
      const std::lock_guard lock(state->mutex);
      state->done = true;
      state->changed.notify_all();
    });
  } catch (const std::system_error&) {
    state->body();
    return true;
  }
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(state->mutex);
  while (!state->done && std::chrono::steady_clock::now() < deadline) {
    state->changed.wait_for(lock, std::chrono::milliseconds(20), [&] { return state->done; });
    lock.unlock();
    tick();
    lock.lock();
  }
  const bool done = state->done;
  lock.unlock();
  if (done)
    thread.join();
  else
    thread.detach();
  return done;
}

} // namespace switchyard::plugin
