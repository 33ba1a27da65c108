#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <QObject>

#include "app/studio/live/generation.h"

namespace switchyard::studio {

/// One generation as the window holds it.
struct LiveTicket {
  Pacer pacer;
  std::stop_source stop;
  void end() { ///< as soon as the token that runs is finished
    stop.request_stop();
    pacer.stop();
  }
};

/// The thread that owns the model while text is generated: one generation at a time, the newest
/// request wins. All functions: GUI thread; signals arrive there, of superseded generations too
/// (compare tickets).
class SessionThread : public QObject {
  Q_OBJECT
public:
  /// Borrows threads, which must outlive this.
  SessionThread(const base::ThreadContext& threads, std::shared_ptr<plugin::Registry> registry,
                QObject* parent = nullptr);
  /// Ends what runs and waits.
  ~SessionThread() override;

  /// Ends what runs, then starts this. paused: stands still before its second token.
  std::shared_ptr<LiveTicket> start(LiveRequest request, double rate, bool paused);
  /// Gives the KV state of the last text back: nothing will go on from it.
  void forget();

Q_SIGNALS:
  void started(std::shared_ptr<switchyard::studio::LiveTicket> ticket,
               std::shared_ptr<switchyard::studio::LiveStart> start);
  void finished(std::shared_ptr<switchyard::studio::LiveTicket> ticket,
                std::shared_ptr<switchyard::base::Result<switchyard::studio::LiveOutcome>> outcome);

private:
  struct Task {
    LiveRequest request;
    std::shared_ptr<LiveTicket> ticket;
  };
  void work();
  void run(const Task& task);

  const base::ThreadContext& m_threads;
  std::shared_ptr<plugin::Registry> m_registry;
  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::optional<Task> m_next;
  std::shared_ptr<LiveTicket> m_current; ///< newest; GUI thread
  bool m_quit = false;
  bool m_forget = false;
  LiveState m_state; ///< of the last generation; m_thread's
  std::thread m_thread;
};

} // namespace switchyard::studio
