#include "app/studio/shell/camera.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QTimer>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kJobsMs = 300000; ///< for recording and analysing on a slow machine
constexpr int kQuietMs = 250;   ///< without a job before a view counts as drawn

void spin(int milliseconds) {
  QEventLoop loop;
  QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
  loop.exec();
}

} // namespace

bool Camera::settle() {
  QElapsedTimer clock;
  clock.start();
  for (int quiet = 0; quiet < kQuietMs;) {
    spin(50);
    const bool busy = m_window.workbench().jobs().active() > 0 ||
                      (m_window.view("live") && m_window.view("live")->handles("run.stop"));
    quiet = busy ? 0 : quiet + 50;
    if (clock.elapsed() > kJobsMs)
      return false;
  }
  return true;
}

base::Result<void> Camera::shoot(const QString& name) {
  settle();
  const QString path = QString("%1/%2.png").arg(m_folder, name);
  if (!m_window.grab().save(path))
    return base::fail(base::ErrorCode::Io, "this picture could not be written",
                      {.file = path.toStdString(), .tensor = {}, .layer = {}, .token = {}});
  ++m_taken;
  return {};
}

base::Result<void>
Camera::inEveryLook(const std::function<base::Result<void>(const QString&)>& each, bool small) {
  for (const QSize size : {QSize(1280, 800), QSize(2560, 1440)}) {
    if (small && size.width() > 1280)
      break;
    m_window.resize(size);
    for (const ThemeChoice choice : {ThemeChoice::Light, ThemeChoice::Dark}) {
      Theme::instance().setChoice(choice);
      m_window.applyLayout("reset");
      SY_TRY(each(QString(choice == ThemeChoice::Light ? "-light" : "-dark") +
                  (size.width() > 1280 ? "-2560" : "")));
    }
  }
  return {};
}

} // namespace switchyard::studio
