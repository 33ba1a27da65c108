// The program that a plugin ends: a user adds a recipe and at once starts what crashes. Arguments:
// the folder of user data, that of plugins, a trace, and the name of the program whose data it is.

#include "tests/studio/child_window.h"
#include "tests/studio/misbehaving_run.h"
#include "tests/studio/wait.h"

int main(int argc, char** argv) {
  using namespace switchyard;
  if (argc != 5)
    return 2;
  tests::ChildWindow window(argc, argv, argv[1], argv[4],
                            [argv] { return tests::registryOf(argv[2]); });
  studio::Workbench& bench = window.bench();
  studio::Item recipe;
  recipe.kind = studio::ItemKind::Recipe;
  recipe.name = "mine";
  recipe.recipe = std::make_shared<const routing::Recipe>();
  bench.document().add(recipe);
  tests::analyzeMisbehaving(bench, argv[3], "crashes", [](const base::Error&) {});
  tests::waitFor([] { return false; });
  return 0;
}
