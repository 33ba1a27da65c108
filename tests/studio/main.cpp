#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <gtest/gtest.h>

#include "app/studio/shell/translations.h"
#include "app/studio/shell/watchdog.h"
#include "app/studio/theme/theme.h"

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  testing::InitGoogleTest(&argc, argv);
  switchyard::studio::StudioApplication application(argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  const QTemporaryDir settings;
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
  switchyard::studio::installTranslations();
  switchyard::studio::Theme::instance();
  return RUN_ALL_TESTS();
}
