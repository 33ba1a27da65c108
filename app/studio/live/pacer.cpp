#include "app/studio/live/pacer.h"

namespace switchyard::studio {

void Pacer::updateFast() {
  m_fast.store(m_running && !m_stopped && m_rate <= 0 && m_free == 0, std::memory_order_release);
  m_changed.notify_all();
}

void Pacer::play() {
  const std::lock_guard lock(m_mutex);
  m_running = true;
  m_steps = 0;
  updateFast();
}

void Pacer::pause() {
  const std::lock_guard lock(m_mutex);
  m_running = false;
  m_steps = 0;
  updateFast();
}

void Pacer::step() {
  const std::lock_guard lock(m_mutex);
  m_running = false;
  ++m_steps;
  updateFast();
}

void Pacer::stop() {
  const std::lock_guard lock(m_mutex);
  m_stopped = true;
  updateFast();
}

void Pacer::setRate(double tokensPerSecond) {
  const std::lock_guard lock(m_mutex);
  m_rate = tokensPerSecond;
  updateFast();
}

double Pacer::rate() const {
  const std::lock_guard lock(m_mutex);
  return m_rate;
}

bool Pacer::isPaused() const {
  const std::lock_guard lock(m_mutex);
  return !m_running && m_steps == 0;
}

void Pacer::passFreely(std::int64_t tokens) {
  const std::lock_guard lock(m_mutex);
  m_free = tokens;
  updateFast();
}

bool Pacer::await() {
  if (m_fast.load(std::memory_order_acquire))
    return true;
  std::unique_lock lock(m_mutex);
  for (;;) {
    if (m_stopped)
      return false;
    if (m_free > 0) {
      if (--m_free == 0)
        updateFast();
      return true;
    }
    if (!mayGo()) {
      m_waiting.store(true, std::memory_order_release);
      m_changed.wait(lock);
      m_waiting.store(false, std::memory_order_release);
      continue;
    }
    if (m_running && m_rate > 0) {
      const auto due = m_last + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(1.0 / m_rate));
      if (Clock::now() < due) {
        m_changed.wait_until(lock, due); // a new rate, a pause or a stop count at once
        continue;
      }
    }
    if (!m_running)
      --m_steps;
    m_last = Clock::now();
    return true;
  }
}

} // namespace switchyard::studio
