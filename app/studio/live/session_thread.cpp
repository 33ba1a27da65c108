#include "app/studio/live/session_thread.h"

#include <utility>

#include <QMetaObject>

namespace switchyard::studio {

SessionThread::SessionThread(const base::ThreadContext& threads,
                             std::shared_ptr<plugin::Registry> registry, QObject* parent)
    : QObject(parent), m_threads(threads), m_registry(std::move(registry)),
      m_thread([this] { work(); }) {}

SessionThread::~SessionThread() {
  if (m_current)
    m_current->end();
  {
    const std::lock_guard lock(m_mutex);
    m_quit = true;
    m_next.reset();
  }
  m_wake.notify_one();
  m_thread.join();
}

std::shared_ptr<LiveTicket> SessionThread::start(LiveRequest request, double rate, bool paused) {
  if (m_current)
    m_current->end();
  m_current = std::make_shared<LiveTicket>();
  m_current->pacer.setRate(rate);
  if (paused)
    m_current->pacer.pause();
  {
    const std::lock_guard lock(m_mutex);
    m_next = Task{std::move(request), m_current};
  }
  m_wake.notify_one();
  return m_current;
}

void SessionThread::forget() {
  {
    const std::lock_guard lock(m_mutex);
    m_forget = true;
  }
  m_wake.notify_one();
}

void SessionThread::work() {
  for (;;) {
    std::unique_lock lock(m_mutex);
    m_wake.wait(lock, [this] { return m_quit || m_next || m_forget; });
    if (m_quit)
      return;
    if (std::exchange(m_forget, false))
      m_state = {};
    if (!m_next)
      continue;
    const Task task = *std::exchange(m_next, std::nullopt);
    lock.unlock();
    run(task);
  }
}

void SessionThread::run(const Task& task) {
  const auto onStart = [this, ticket = task.ticket](LiveStart start) {
    auto shared = std::make_shared<LiveStart>(std::move(start));
    QMetaObject::invokeMethod(
        this, [this, ticket, shared] { Q_EMIT started(ticket, shared); }, Qt::QueuedConnection);
  };
  base::Result<LiveOutcome> outcome =
      base::fail(base::ErrorCode::Internal, "generating ended with an internal error");
  try {
    outcome = runLive(task.request, m_registry, m_threads, task.ticket->pacer, onStart,
                      {{}, task.ticket->stop.get_token()}, &m_state);
  } catch (const std::exception& error) {
    outcome = base::fail(base::ErrorCode::Internal,
                         std::string("generating ended with an internal error: ") + error.what());
  }
  auto shared = std::make_shared<base::Result<LiveOutcome>>(std::move(outcome));
  QMetaObject::invokeMethod(
      this, [this, ticket = task.ticket, shared] { Q_EMIT finished(ticket, shared); },
      Qt::QueuedConnection);
}

} // namespace switchyard::studio
