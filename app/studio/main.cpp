#include <QApplication>

#include "app/studio/shell/main_window.h"
#include "app/studio/theme/theme.h"
#include "core/base/version.h"

int main(int argc, char** argv) {
  using namespace switchyard;
  QApplication application(argc, argv);
  QApplication::setApplicationName("switchyard-studio");
  QApplication::setOrganizationName("switchyard");
  const std::string_view version = base::version();
  QApplication::setApplicationVersion(
      QString::fromUtf8(version.data(), static_cast<qsizetype>(version.size())));
  studio::Theme::instance();
  studio::Workbench workbench(plugin::Registry::scan());
  studio::MainWindow window(workbench);
  window.show();
  return QApplication::exec();
}
