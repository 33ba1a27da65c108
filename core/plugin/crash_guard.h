#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace switchyard::plugin {

/// Says, as long as it lives, that this thread runs a function of a plugin. Nests. Costs a few
/// stores; texts are borrowed and must end with 0.
class InPlugin {
public:
  InPlugin(const char* id, const char* function);
  ~InPlugin();
  InPlugin(const InPlugin&) = delete;
  InPlugin& operator=(const InPlugin&) = delete;

  /// What this thread runs; null: no plugin. For handing it on to helper threads.
  static const char* id();
  static const char* function();

private:
  const char* m_id;
  const char* m_function;
};

/// As long as one lives, a program that dies in a plugin waits, for at most 2 s: work is being
/// saved.
class SavingWork {
public:
  SavingWork();
  ~SavingWork();
  SavingWork(const SavingWork&) = delete;
  SavingWork& operator=(const SavingWork&) = delete;
};

/// A program ended while a plugin ran.
struct CrashNote {
  std::string plugin;    ///< id
  std::string function;  ///< of the plugin, as the ABI names it
  std::string how;       ///< "SIGSEGV", or "exit"
  std::int64_t time = 0; ///< seconds since 1970

  friend bool operator==(const CrashNote&, const CrashNote&) = default;
};

/// From now on, a fatal signal (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) or exit() on a thread
/// that runs a plugin says so on stderr and leaves a line in `path` (empty: nowhere) before the
/// program ends as it would have. Once per process; later calls only change the path. What cannot
/// be seen: kill -9, _exit(), and threads that a plugin made itself. Error Io if the folder cannot
/// be made; LimitExceeded for a path longer than 4000 bytes.
base::Result<void> noteCrashes(const std::filesystem::path& path);

/// The last note of each plugin, oldest first. No file: none. Lines that are damaged are left out.
std::vector<CrashNote> readCrashNotes(const std::filesystem::path& path);
/// Removes the notes of a plugin. Error Io.
base::Result<void> forgetCrashes(const std::filesystem::path& path, std::string_view plugin);

} // namespace switchyard::plugin
