#include "app/studio/shell/translations.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

// Q_INIT_RESOURCE has to stand outside every namespace.
static void initTranslationResources() {
  Q_INIT_RESOURCE(translations);
}

namespace switchyard::studio {

void installTranslations() {
  initTranslationResources();
  const auto install = [](bool loaded, QTranslator* translator) {
    if (loaded)
      QCoreApplication::installTranslator(translator);
  };
  auto* english = new QTranslator(QCoreApplication::instance());
  install(english->load("switchyard-studio_en", ":/i18n"), english);
  auto* ours = new QTranslator(QCoreApplication::instance());
  install(ours->load(QLocale(), "switchyard-studio", "_", ":/i18n"), ours);
  auto* qts = new QTranslator(QCoreApplication::instance());
  install(qts->load(QLocale(), "qtbase", "_", QLibraryInfo::path(QLibraryInfo::TranslationsPath)),
          qts);
}

} // namespace switchyard::studio
