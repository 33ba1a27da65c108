#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace switchyard::tests {

struct ProcessResult {
  int exitCode = -1; ///< -signal if a signal ended it
  std::string out;
  std::string err;
};

/// A child process with captured output. `arguments[0]` is the program's path.
class Process {
public:
  explicit Process(const std::vector<std::string>& arguments);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return m_pid; }
  void signal(int number) const;
  /// Reads to the end and collects the exit code; kills the child after `seconds`.
  ProcessResult wait(int seconds = 120);

private:
  pid_t m_pid = -1;
  int m_out = -1;
  int m_err = -1;
};

ProcessResult run(const std::vector<std::string>& arguments, int seconds = 120);

} // namespace switchyard::tests
