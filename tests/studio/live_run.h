#pragma once

#include <gtest/gtest.h>

#include "app/studio/live/live_view.h"
#include "app/studio/shell/main_window.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {

using tests::waitFor;

inline const QString kPrompt =
    "Q: Tina has 93 stamps. Tina finds 2. How many stamps does Tina have? <think>";

/// A window with the demo model and the live view, where text is generated.
class LiveRun : public testing::Test {
protected:
  void SetUp() override {
    window.resize(1280, 800);
    window.show();
    workbench.showView("live");
    workbench.opener().open(SY_DATA "/demo-model");
    ASSERT_TRUE(waitFor([&] { return workbench.document().current(ItemKind::Model) != 0; }));
    view = qobject_cast<LiveView*>(window.view("live"));
    ASSERT_TRUE(view);
  }

  void settings(int maxTokens, double temperature = 0, std::uint64_t seed = 0) {
    LiveSettings s = player.settings();
    s.generate.maxTokens = maxTokens;
    s.generate.sampler.temperature = temperature;
    s.generate.sampler.seed = seed;
    player.setSettings(s);
  }
  bool finish() {
    return waitFor([&] { return player.state() == PlayState::Finished; }, 60000);
  }
  bool paused(std::int64_t tokens) {
    return waitFor(
        [&] {
          return player.state() == PlayState::Paused && player.track() &&
                 player.track()->end() == tokens;
        },
        60000);
  }
  std::vector<int> generated() const {
    std::vector<int> ids;
    for (const base::TokenId token : player.reel()->generated)
      ids.push_back(token.value);
    return ids;
  }

  Workbench workbench{plugin::Registry::scan()};
  MainWindow window{workbench};
  Player& player = Player::of(workbench);
  LiveView* view = nullptr;
};

} // namespace switchyard::studio
