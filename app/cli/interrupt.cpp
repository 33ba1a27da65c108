#include "app/cli/interrupt.h"

#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/cli/exit_codes.h"

namespace switchyard::cli {

Interrupt::Interrupt() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  m_signals = signalfd(-1, &set, SFD_CLOEXEC);
  m_wake = eventfd(0, EFD_CLOEXEC);
  m_watcher = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
  const std::uint64_t one = 1;
  // Cannot fail on an eventfd that is far from its maximum.
  [[maybe_unused]] const auto written = write(m_wake, &one, sizeof one);
  m_watcher.join();
  close(m_signals);
  close(m_wake);
}

void Interrupt::watch() {
  pollfd fds[2] = {{m_signals, POLLIN, 0}, {m_wake, POLLIN, 0}};
  for (;;) {
    if (poll(fds, 2, -1) < 0)
      continue;
    if (fds[1].revents != 0)
      return;
    signalfd_siginfo info;
    if (read(m_signals, &info, sizeof info) != sizeof info)
      continue;
    if (m_source.stop_requested())
      _exit(kInterrupted);
    constexpr char kMessage[] = "\nstopping; what is done is kept (once more to quit at once)\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
    m_source.request_stop();
  }
}

} // namespace switchyard::cli
