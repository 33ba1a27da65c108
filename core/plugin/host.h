#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/log.h"
#include "core/base/progress.h"
#include "core/base/thread_context.h"
#include "core/plugin/abi.h"

namespace switchyard::plugin {

/// What the instances of one run share. Copied into each.
struct HostContext {
  base::LogSink log{};
  base::RunControl control{};
  std::shared_ptr<const base::ThreadContext> threads{}; ///< null: parallel_for runs serially
  /// How long a plugin's result() may take before it is given up.
  std::chrono::milliseconds resultLimit{120'000};
  /// Called when a plugin breaks off, on any thread: an exception left it, or it was given up
  /// because it hung. what: one sentence with the plugin's name. Error results are no such thing.
  /// May be null.
  std::function<void(const std::string& what)> brokeOff{};
};

/// The service table of one instance. Does not move. The table and what hangs on it live as long as
/// this does; after cutOff() nothing of the run is touched any more, so a plugin thread that was
/// given up may still call it.
class HostServices {
public:
  /// label: the plugin's short name, the category of its log lines.
  HostServices(HostContext context, std::string label);
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;

  const sy_host* table() const { return &m_table; }
  const HostContext& context() const { return m_context; }
  void setSession(const sy_session_services* services) { m_table.session = services; }
  void setCheckpoint(const sy_checkpoint_services* services) { m_table.checkpoint = services; }

  /// Between these calls progress is kept instead of reported, for takeProgress() on the run's own
  /// thread while the plugin runs on another.
  void deferProgress(bool defer);
  void takeProgress();

  void cancel() { m_cancelled = true; } ///< cancelled() says yes from now on
  void cutOff();
  void logLine(base::LogLevel level, const std::string& message);

private:
  struct Progress {
    std::int64_t done = 0, total = 0;
    std::string phase;
    bool fresh = false;
  };

  HostContext m_context;
  std::string m_label;
  sy_host m_table{};
  std::mutex m_mutex; ///< guards what follows, and every call into the run's log and progress
  bool m_cutOff = false;
  bool m_defer = false;
  Progress m_progress;
  std::atomic<bool> m_cancelled = false;
};

} // namespace switchyard::plugin
