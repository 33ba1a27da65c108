#include <QStandardPaths>

#include <gtest/gtest.h>

#include "app/studio/shell/watchdog.h"
#include "app/studio/theme/theme.h"

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  testing::InitGoogleTest(&argc, argv);
  switchyard::studio::StudioApplication application(argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  switchyard::studio::Theme::instance();
  return RUN_ALL_TESTS();
}
