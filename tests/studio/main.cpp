#include <QSettings>
#include <QTemporaryDir>

#include <gtest/gtest.h>

#include "app/studio/shell/translations.h"
#include "app/studio/shell/watchdog.h"
#include "app/studio/theme/theme.h"

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  // A user's folders of its own: tests that run at the same time never meet in them.
  const QTemporaryDir user;
  for (const char* name : {"XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"})
    qputenv(name, user.path().toUtf8());
  testing::InitGoogleTest(&argc, argv);
  switchyard::studio::StudioApplication application(argc, argv);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, user.path());
  switchyard::studio::installTranslations();
  switchyard::studio::Theme::instance();
  return RUN_ALL_TESTS();
}
