#include "app/cli/run_program.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::cli {

base::Result<int> runProgram(const std::vector<std::string>& words, std::stop_token stop) {
  std::vector<std::string> all = {"switchyard"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : all)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int error =
      ::posix_spawn(&child, "/proc/self/exe", &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0)
    return base::fail(base::ErrorCode::Io,
                      fmt::format("cannot start switchyard again: {}", std::strerror(error)));
  {
    const std::stop_callback interrupt(stop, [child] { ::kill(child, SIGINT); });
    siginfo_t ended; // the id stays the child's until it is collected below
    while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR)
      continue;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return base::fail(base::ErrorCode::Io,
                        fmt::format("cannot wait for switchyard: {}", std::strerror(errno)));
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace switchyard::cli
