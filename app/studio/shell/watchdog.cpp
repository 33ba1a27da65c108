#include "app/studio/shell/watchdog.h"

#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <QEvent>

namespace switchyard::studio {

namespace {

/// Nanoseconds that this thread waited for a core so far; 0 where the system does not tell.
qint64 waitedForCore() {
  static thread_local const int file = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  char text[96] = {};
  if (file < 0 || ::pread(file, text, sizeof text - 1, 0) <= 0)
    return 0;
  long long ran = 0, waited = 0;
  return std::sscanf(text, "%lld %lld", &ran, &waited) == 2 ? waited : 0;
}

} // namespace

bool StudioApplication::notify(QObject* receiver, QEvent* event) {
  if (m_depth > 0)
    return QApplication::notify(receiver, event);
  const QEvent::Type type = event->type();
  const char* const name = receiver->metaObject()->className();
  const qint64 waited = waitedForCore();
  QElapsedTimer clock;
  clock.start();
  ++m_depth;
  const bool result = QApplication::notify(receiver, event);
  --m_depth;
  const double ms = static_cast<double>(clock.nsecsElapsed() - (waitedForCore() - waited)) / 1e6;
  if (ms > m_longestMs) {
    m_longestMs = ms;
    m_longestWas = QString("event %1 of %2").arg(static_cast<int>(type)).arg(name);
  }
  return result;
}

void StudioApplication::resetLongest() {
  m_longestMs = 0;
  m_longestWas.clear();
}

} // namespace switchyard::studio
