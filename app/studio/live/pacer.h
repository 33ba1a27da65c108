#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace switchyard::studio {

/// Lets one thread go on token by token as another one says: run, pause, one step, a number of
/// tokens a second, stop. At full speed await() takes no lock.
class Pacer {
public:
  // --- any thread
  void play();
  void pause();
  void step(); ///< one token, then pause
  void stop(); ///< for good
  /// Tokens per second; 0: as fast as they come.
  void setRate(double tokensPerSecond);
  double rate() const;
  bool isPaused() const; ///< waits, or will at its next token
  /// The thread stands still before its next token, because of a pause.
  bool isWaiting() const { return m_waiting.load(std::memory_order_acquire); }

  // --- the paced thread
  /// Called before each token; returns when it may be made. False: stopped.
  bool await();
  /// The next `tokens` are neither paced nor held.
  void passFreely(std::int64_t tokens);

private:
  using Clock = std::chrono::steady_clock;
  bool mayGo() const { return m_stopped || m_free > 0 || m_running || m_steps > 0; }
  void updateFast();

  mutable std::mutex m_mutex;
  std::condition_variable m_changed;
  bool m_running = true;
  bool m_stopped = false;
  std::int64_t m_steps = 0;
  std::int64_t m_free = 0;
  double m_rate = 0;
  Clock::time_point m_last{};
  std::atomic<bool> m_fast{true}; ///< running, no rate: await() has nothing to look at
  std::atomic<bool> m_waiting{false};
};

} // namespace switchyard::studio
