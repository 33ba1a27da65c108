#pragma once

#include <functional>
#include <memory>

#include "app/studio/shell/main_window.h"
#include "app/studio/shell/translations.h"
#include "app/studio/shell/watchdog.h"
#include "app/studio/theme/theme.h"

namespace switchyard::tests {

/// The whole program in a process of its own, for tests of what is left when it ends without a
/// word: offscreen, its window shown, work kept safe.
class ChildWindow {
public:
  /// home: the folder of all user data; name: of the program whose data it is.
  ChildWindow(int& argc, char** argv, const char* home, const char* name,
              const std::function<std::shared_ptr<plugin::Registry>()>& registry)
      : m_application(prepared(argc, home), argv), m_bench((begin(name), registry())),
        m_window(m_bench) {
    m_window.show();
    m_window.keepWorkSafe();
  }
  studio::Workbench& bench() { return m_bench; }

private:
  static int& prepared(int& argc, const char* home) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    for (const char* place : {"XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"})
      qputenv(place, home);
    return argc;
  }
  static void begin(const char* name) {
    QCoreApplication::setApplicationName(name);
    studio::installTranslations();
    studio::Theme::instance();
  }

  studio::StudioApplication m_application;
  studio::Workbench m_bench;
  studio::MainWindow m_window;
};

} // namespace switchyard::tests
