#pragma once

#include <stop_token>
#include <thread>

namespace switchyard::cli {

/// Turns Ctrl-C (SIGINT) and SIGTERM into a stop request: the first asks running work to stop and
/// keep what is done, the second ends the process at once. Construct it in main before any other
/// thread exists, since it blocks both signals for all of them.
class Interrupt {
public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return m_source.get_token(); }

private:
  void watch();

  std::stop_source m_source;
  int m_signals = -1; ///< signalfd
  int m_wake = -1;    ///< eventfd that ends the watcher
  std::thread m_watcher;
};

} // namespace switchyard::cli
