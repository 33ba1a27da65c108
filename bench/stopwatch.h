#pragma once

#include <chrono>
#include <ctime>

namespace switchyard::bench {

struct Times {
  double wall = 0; ///< seconds
  double work = 0; ///< CPU seconds of all threads: what a busy machine changes less

  Times& operator+=(const Times& other) {
    wall += other.wall;
    work += other.work;
    return *this;
  }
};

/// Since construction.
class Stopwatch {
public:
  Times times() const {
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - m_wall).count(),
            static_cast<double>(std::clock() - m_work) / static_cast<double>(CLOCKS_PER_SEC)};
  }

private:
  std::chrono::steady_clock::time_point m_wall = std::chrono::steady_clock::now();
  std::clock_t m_work = std::clock();
};

} // namespace switchyard::bench
