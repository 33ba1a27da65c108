// The program that a plugin ends: a user adds a recipe and at once starts what crashes. Arguments: the
// folder of user data, that of plugins, a trace, and the name of the program whose data it is.

#include "app/studio/shell/main_window.h"
#include "app/studio/shell/translations.h"
#include "app/studio/shell/watchdog.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/misbehaving_run.h"
#include "tests/studio/wait.h"

int main(int argc, char** argv) {
  using namespace switchyard;
  if (argc != 5)
    return 2;
  qputenv("QT_QPA_PLATFORM", "offscreen");
  for (const char* name : {"XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"})
    qputenv(name, argv[1]);
  studio::StudioApplication application(argc, argv);
  QCoreApplication::setApplicationName(argv[4]);
  studio::installTranslations();
  studio::Theme::instance();
  studio::Workbench bench(tests::registryOf(argv[2]));
  studio::MainWindow window(bench);
  window.show();
  window.keepWorkSafe();
  studio::Item recipe;
  recipe.kind = studio::ItemKind::Recipe;
  recipe.name = "mine";
  recipe.recipe = std::make_shared<const routing::Recipe>();
  bench.document().add(recipe);
  tests::analyzeMisbehaving(bench, argv[3], "crashes", [](const base::Error&) {});
  tests::waitFor([] { return false; });
  return 0;
}
