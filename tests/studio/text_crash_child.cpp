// The program that dies while it generates text. Arguments: the folder of user data, the name of
// the program whose data it is, the prompt, and after how many kept tokens it is killed.

#include <csignal>
#include <cstdlib>

#include <QDir>

#include "app/studio/live/kept_text.h"
#include "app/studio/live/player.h"
#include "app/studio/session/autosave.h"
#include "tests/studio/child_window.h"
#include "tests/studio/wait.h"

int main(int argc, char** argv) {
  using namespace switchyard;
  if (argc != 5)
    return 2;
  tests::ChildWindow window(argc, argv, argv[1], argv[2], [] { return plugin::Registry::scan(); });
  studio::Workbench& bench = window.bench();
  bench.opener().open(SY_DATA "/demo-model");
  if (!tests::waitFor([&] { return bench.document().current(studio::ItemKind::Model) != 0; }))
    return 3;
  studio::Player& player = studio::Player::of(bench);
  studio::LiveSettings settings = player.settings();
  settings.generate.maxTokens = 400;
  settings.generate.stopAtEos = false;
  settings.generate.sampler.temperature = 0.9;
  settings.generate.sampler.seed = 7;
  settings.rate = 40;
  player.setSettings(settings);
  player.generate(argv[3]);
  const std::size_t enough = static_cast<std::size_t>(std::atoi(argv[4]));
  const QDir kept(studio::Autosave::folder());
  tests::waitFor(
      [&] {
        for (const QString& name : kept.entryList({"*.text"}, QDir::Files)) {
          const auto text = studio::readKeptText(kept.absoluteFilePath(name));
          if (text && text->generate.forced.size() >= enough)
            std::raise(SIGKILL);
        }
        return false;
      },
      60000);
  return 4;
}
