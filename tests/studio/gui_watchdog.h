#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include <QObject>
#include <QTimer>

#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::tests {

/// The longest that the window's thread may be away. Sanitizers make all code several times slower.
#ifdef __SANITIZE_ADDRESS__
constexpr double kLongestMs = 250;
#else
constexpr double kLongestMs = 50;
#endif

/// Watches how long the event loop of this thread is away from its timers. What the kernel let the
/// thread wait for a processor does not count: the machine may be busy with other things.
class GuiWatchdog : public QObject {
public:
  GuiWatchdog() {
    m_timer.setInterval(1);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] { look(); });
    m_timer.start();
    restart();
  }
  double longestMs() const { return m_longest; }
  void restart() {
    m_last = Clock::now();
    m_waited = waitedMs();
    m_longest = 0;
  }

private:
  using Clock = std::chrono::steady_clock;
  /// Milliseconds that this thread was ready but had no processor.
  static double waitedMs() {
    std::ifstream file("/proc/self/task/" + std::to_string(::syscall(SYS_gettid)) + "/schedstat");
    double running = 0, waiting = 0;
    file >> running >> waiting;
    return waiting / 1e6;
  }
  void look() {
    const auto now = Clock::now();
    const double waited = waitedMs();
    const double gap = std::chrono::duration<double, std::milli>(now - m_last).count();
    m_longest = std::max(m_longest, gap - (waited - m_waited));
    m_last = now;
    m_waited = waited;
  }

  QTimer m_timer;
  Clock::time_point m_last;
  double m_waited = 0, m_longest = 0;
};

} // namespace switchyard::tests
