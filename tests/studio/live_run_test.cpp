// Text generated in the window, from the prompt to its recording, on the demo model.

#include <algorithm>

#include <QPlainTextEdit>

#include <nlohmann/json.hpp>

#include "app/jobs/capture.h"
#include "app/studio/live/next_tokens.h"
#include "app/studio/live/replay.h"
#include "app/studio/live/yard_widget.h"
#include "tests/studio/gui_watchdog.h"
#include "tests/studio/live_run.h"
#include "tests/support/process.h"

namespace switchyard::studio {
namespace {

TEST_F(LiveRun, TokensEqualTheCommandLines) {
  for (const double temperature : {0.0, 0.9}) {
    settings(40, temperature, 7);
    view->prompt().setPlainText(kPrompt);
    player.generate(kPrompt);
    ASSERT_TRUE(waitFor([&] {
      return player.state() == PlayState::Playing || player.state() == PlayState::Finished;
    }));
    ASSERT_TRUE(finish());
    const tests::ProcessResult cli =
        tests::run({SY_CLI, "generate", SY_DATA "/demo-model", "--prompt", kPrompt.toStdString(),
                    "--max-tokens", "40", "--temperature", std::to_string(temperature), "--seed",
                    "7", "--json", "--quiet"});
    ASSERT_EQ(cli.exitCode, 0) << cli.err;
    const nlohmann::json expected = nlohmann::json::parse(cli.out);
    EXPECT_EQ(generated(), expected["ids"].get<std::vector<int>>());
    const Track& track = *player.track();
    EXPECT_EQ(track.promptLength(), static_cast<std::int64_t>(expected["prompt_ids"].size()));
    EXPECT_EQ(track.end(), track.promptLength() + static_cast<std::int64_t>(generated().size()));
    EXPECT_EQ(player.dropped(), 0);
    for (std::size_t i = 0; i < generated().size(); ++i)
      EXPECT_EQ(track.token(track.promptLength() + static_cast<std::int64_t>(i)), generated()[i]);
  }
}

TEST_F(LiveRun, WhatIsShownIsWhatIsRecorded) {
  settings(24);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const Track live = *player.track();
  const auto trace = player.reel()->trace;
  ASSERT_TRUE(trace);
  const auto window = loadReplay(trace, 0, 0, {});
  ASSERT_TRUE(window) << window.error().describe();
  ASSERT_EQ(window->track.end(), live.end());
  for (std::int64_t p = 0; p < live.end(); ++p)
    for (std::size_t l = 0; l < live.layers(); ++l) {
      ASSERT_TRUE(std::ranges::equal(live.ids(p, l), window->track.ids(p, l)));
      ASSERT_TRUE(std::ranges::equal(live.weights(p, l), window->track.weights(p, l)));
      ASSERT_EQ(live.entropy(p, l), window->track.entropy(p, l));
      ASSERT_EQ(live.margin(p, l), window->track.margin(p, l));
    }
  // It is a trace of the session, for all other views.
  const Item* item = workbench.document().currentItem(ItemKind::Trace);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->name, "live");
  // And it plays again, without a model.
  player.replay(item->key, 0, 5);
  ASSERT_TRUE(
      waitFor([&] { return player.source() == PlaySource::Replay && player.shown() == 5; }));
  EXPECT_EQ(player.state(), PlayState::Paused);
  player.step();
  EXPECT_EQ(player.shown(), 6);
  player.play();
  ASSERT_TRUE(finish());
  EXPECT_EQ(player.shown(), live.end() - 1);
  EXPECT_EQ(player.texts().piece(live.token(3)), player.texts().piece(player.track()->token(3)));
}

TEST_F(LiveRun, PausesStepsAndStops) {
  settings(60);
  player.generate(kPrompt, true);
  ASSERT_TRUE(waitFor([&] {
    return player.state() == PlayState::Paused && player.track() &&
           player.track()->next(player.track()->end() - 1);
  }));
  const std::int64_t prompt = player.track()->promptLength();
  EXPECT_EQ(player.track()->end(), prompt) << "one choice, nothing of it run";
  for (int i = 1; i <= 3; ++i) {
    player.step();
    ASSERT_TRUE(paused(prompt + i));
  }
  QTest::qWait(60);
  EXPECT_EQ(player.track()->end(), prompt + 3) << "it stands still";
  EXPECT_FALSE(view->yard().accessibleDescription().isEmpty());
  player.setRate(20);
  player.play();
  ASSERT_TRUE(waitFor([&] { return player.track()->end() >= prompt + 6; }));
  EXPECT_EQ(player.state(), PlayState::Playing);
  player.stop();
  ASSERT_TRUE(finish());
  EXPECT_EQ(player.reel()->ended, jobs::StopReason::Cancelled);
  EXPECT_LT(player.track()->end(), prompt + 60);
  EXPECT_TRUE(player.reel()->trace) << "what was made is kept";
  player.setRate(0);
}

TEST_F(LiveRun, ACandidateContinuesTheTextAndUndoBringsTheOldOneBack) {
  settings(16);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const std::vector<int> before = generated();
  const std::int64_t prompt = player.track()->promptLength();
  const std::int64_t at = prompt + 2;
  player.select(at);
  const NextToken* next = player.track()->next(at);
  ASSERT_TRUE(next);
  ASSERT_GE(next->candidates.size(), 2u);
  EXPECT_EQ(next->candidates[0].token, next->token) << "greedy";
  double sum = 0;
  for (const Candidate& candidate : next->candidates)
    sum += static_cast<double>(candidate.probability);
  EXPECT_LE(sum, 1.0001);
  const std::int32_t other = next->candidates[1].token;
  view->nextTokens().setFocus();
  QTest::mouseClick(&view->nextTokens(), Qt::LeftButton, {},
                    view->nextTokens().rowRect(1).center().toPoint());
  ASSERT_TRUE(waitFor([&] {
    return player.reel() && player.state() == PlayState::Finished && !generated().empty() &&
           generated() != before;
  }));
  const std::vector<int> after = generated();
  EXPECT_EQ(std::vector<int>(after.begin(), after.begin() + 3),
            std::vector<int>(before.begin(), before.begin() + 3));
  EXPECT_EQ(after[3], other);
  EXPECT_EQ(after.size(), 16u);
  QUndoStack& undo = workbench.document().undoStack();
  ASSERT_TRUE(undo.undoText().startsWith("Continue with") || undo.canUndo());
  const std::int64_t end = player.track()->end();
  while (undo.canUndo() && !undo.undoText().startsWith("Continue with"))
    undo.undo(); // "Open live": the recorded trace
  undo.undo();
  EXPECT_EQ(generated(), before);
  undo.redo();
  EXPECT_EQ(generated(), after);
  EXPECT_EQ(player.track()->end(), end);
}

TEST_F(LiveRun, TheWindowThreadIsNeverAway) {
  settings(200);
  player.generate(kPrompt);
  ASSERT_TRUE(finish()); // weights are loaded, fonts are there
  tests::GuiWatchdog watchdog;
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  ASSERT_TRUE(finish());
  EXPECT_LT(watchdog.longestMs(), tests::kLongestMs);
}

TEST_F(LiveRun, ARecipeIsMarkedComparedAndUndone) {
  settings(12);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const std::vector<int> base = generated();
  const std::int64_t prompt = player.track()->promptLength();
  const int first = player.track()->firstChoice(prompt - 1, 5);
  workbench.steer(SteerStep::Ban, ExpertKey{5, first});
  ASSERT_EQ(view->yard().scene().marks.size(), 1u);
  EXPECT_EQ(view->yard().scene().marks[0], (RecipeMark{{5, first}, RecipeMark::Ban}));
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.other() != nullptr; }));
  ASSERT_TRUE(finish());
  const Track& track = *player.track();
  EXPECT_EQ(track.uses(5, first, 0, track.end()), 0) << "banned";
  EXPECT_LT(track.agreement(prompt - 1, 5), 1.0f) << "the model would have chosen it";
  EXPECT_EQ(track.agreement(prompt - 1, 0), 1.0f);
  EXPECT_GT(player.other()->track.uses(5, first, 0, prompt), 0);
  view->yard().setShowsOther(true);
  EXPECT_EQ(view->yard().scene().other, &player.other()->track);
  workbench.document().undoStack().undo();
  EXPECT_TRUE(view->yard().scene().marks.empty());
  workbench.document().undoStack().redo();
  EXPECT_EQ(view->yard().scene().marks.size(), 1u);
}

TEST_F(LiveRun, DecodersShowWhatTheyRecord) {
  settings(5);
  LiveSettings s = player.settings();
  s.decoder = {"self-contrast", {{"top", "8"}}};
  player.setSettings(s);
  player.generate(kPrompt);
  ASSERT_TRUE(finish());
  const std::int64_t chosenAt = player.track()->promptLength() + 2;
  player.select(chosenAt);
  const NextToken* next = player.track()->next(chosenAt);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->candidates.front().strong);
  bool both = false; // a token that is among the best of both passes
  for (std::int64_t p = player.track()->promptLength() - 1; p < player.track()->end(); ++p)
    if (const NextToken* choice = player.track()->next(p))
      both = both || std::ranges::any_of(choice->candidates,
                                         [](const Candidate& c) { return c.strong && c.weak; });
  EXPECT_TRUE(both);
  EXPECT_EQ(view->nextTokens().headline(), "strong, weak, contrast");
  EXPECT_TRUE(player.commandLine().contains("--decoder self-contrast --self-contrast.top 8"));
  s.decoder = {"rerouting", {}};
  player.setSettings(s);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  ASSERT_TRUE(finish());
  workbench.selection().clear();
  EXPECT_TRUE(view->nextTokens().headline().contains("loss"))
      << view->nextTokens().headline().toStdString();
}

TEST_F(LiveRun, ANewSessionForgetsWhatRuns) {
  settings(300);
  player.setRate(20);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return player.state() == PlayState::Playing; }));
  workbench.document().clear();
  EXPECT_EQ(player.state(), PlayState::Empty);
  QTest::qWait(200);
  EXPECT_TRUE(workbench.document().isEmpty()) << "nothing of the old session comes late";
  player.setRate(0);
}

TEST_F(LiveRun, SaysWhatIsWrong) {
  QStringList problems;
  QObject::connect(&workbench, &Workbench::problem, &window,
                   [&](const Problem& p) { problems << p.title + p.text; });
  player.generate("");
  ASSERT_TRUE(waitFor([&] { return !problems.isEmpty(); }));
  EXPECT_TRUE(problems.first().contains("the prompt is empty"));
  LiveSettings s = player.settings();
  s.generate.sampler.topP = -1;
  player.setSettings(s);
  player.generate(kPrompt);
  ASSERT_TRUE(waitFor([&] { return problems.size() >= 2; }));
}

} // namespace
} // namespace switchyard::studio
