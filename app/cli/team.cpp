#include "app/cli/team.h"

#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>

#include "app/cli/exit_codes.h"
#include "app/jobs/ranks/team.h"

namespace switchyard::cli {

int silence() {
  const int terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  close(nowhere);
  return terminal;
}

base::Result<Team> Team::join(const jobs::LaunchedAs& as, const std::string& verb, bool shared,
                              int terminal) {
  if (!shared)
    return base::fail(base::ErrorCode::InvalidArgument,
                      fmt::format("\"{}\" cannot be shared by {} processes; start one. Processes "
                                  "share the work of run, capture and analyze",
                                  verb, as.size));
  return Team(SY_TRY(jobs::joinRanks(as)), terminal);
}

void Team::end(const base::Result<int>& result, int code, std::stop_token stop) const {
  if (!m_ranks->isOver() && m_ranks->rank() == 0)
    jobs::Leader(*m_ranks, stop).dismiss();
  else if (!m_ranks->isOver())
    jobs::Helper(*m_ranks, stop)
        .leave(result ? base::Result<void>() : tl::unexpected(result.error()));
  if (!m_ranks->isLost())
    return m_ranks->finish();
  std::fflush(nullptr);
  if (m_ranks->rank() == 1) {
    constexpr std::string_view kMessage =
        "switchyard: stopped, and rank 0 does not answer: what it had committed is kept. Start the "
        "same command again, capture with --resume\n";
    [[maybe_unused]] const auto written = write(m_terminal, kMessage.data(), kMessage.size());
  }
  _exit(m_ranks->rank() == 0 ? code : kInterrupted);
}

} // namespace switchyard::cli
