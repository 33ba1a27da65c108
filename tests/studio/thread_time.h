#pragma once

#include <ctime>

namespace switchyard::tests {

/// CPU time of this thread since it was made: what the GUI thread itself took, however busy the
/// machine is.
class ThreadTime {
public:
  double milliseconds() const { return now() - m_start; }

private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
  }
  double m_start = now();
};

} // namespace switchyard::tests
