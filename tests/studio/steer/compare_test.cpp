// A beside B, and the evaluation, on the demo model: held against the command line's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QPushButton>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include "app/studio/live/player.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/steer/steer_view.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/wait.h"
#include "tests/support/process.h"

namespace switchyard::studio {
namespace {

using base::TokenId;
using nlohmann::json;
using tests::waitFor;

const QString kPrompt = "Q: 58 mod 8=? <think>";
const char* const kRecipe = R"({"name": "without", "steps": [
  {"plugin": "ban", "options": {"experts": ["0:27", "5:8", "3:4"]}},
  {"plugin": "top-k", "options": {"k": 1}}]})";

std::vector<TokenId> tokens(std::initializer_list<int> ids) {
  std::vector<TokenId> list;
  for (const int id : ids)
    list.emplace_back(id);
  return list;
}

TEST(TokenDiff, MarksWhatIsInNoLongestCommonSubsequence) {
  const auto same = diffTokens(tokens({1, 2, 3}), tokens({1, 2, 3}));
  EXPECT_EQ(same.first, -1);
  EXPECT_EQ(same.differing(), 0);
  const auto replaced = diffTokens(tokens({1, 2, 3, 4}), tokens({1, 9, 3, 4}));
  EXPECT_EQ(replaced.first, 1);
  EXPECT_EQ(replaced.a, std::vector<bool>({false, true, false, false}));
  EXPECT_EQ(replaced.b, std::vector<bool>({false, true, false, false}));
  const auto inserted = diffTokens(tokens({1, 2, 3}), tokens({1, 7, 8, 2, 3}));
  EXPECT_EQ(inserted.a, std::vector<bool>({false, false, false}));
  EXPECT_EQ(inserted.b, std::vector<bool>({false, true, true, false, false}));
  EXPECT_EQ(inserted.differing(), 2);
  const auto shorter = diffTokens(tokens({1, 2}), tokens({1}));
  EXPECT_EQ(shorter.first, 1);
  EXPECT_EQ(shorter.a, std::vector<bool>({false, true}));
  EXPECT_EQ(diffTokens({}, {}).first, -1);
}

TEST(TokenDiff, WhatIsLeftIsTheSameAndAsLongAsCanBe) {
  std::mt19937 random(7);
  const auto draw = [&](std::size_t length) {
    std::vector<TokenId> list;
    for (std::size_t i = 0; i < length; ++i)
      list.emplace_back(static_cast<int>(random() % 4));
    return list;
  };
  for (int round = 0; round < 200; ++round) {
    const auto a = draw(random() % 9);
    const auto b = draw(random() % 9);
    const TokenDiff diff = diffTokens(a, b);
    std::vector<TokenId> left, right;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!diff.a[i])
        left.push_back(a[i]);
    for (std::size_t i = 0; i < b.size(); ++i)
      if (!diff.b[i])
        right.push_back(b[i]);
    ASSERT_EQ(left, right);
    // Every subsequence of A, the longest that B has.
    std::size_t longest = 0;
    for (unsigned mask = 0; mask < (1u << a.size()); ++mask) {
      std::size_t at = 0, taken = 0;
      bool fits = true;
      for (std::size_t i = 0; i < a.size() && fits; ++i)
        if (((mask >> i) & 1u) != 0) {
          while (at < b.size() && b[at] != a[i])
            ++at;
          fits = at++ < b.size();
          ++taken;
        }
      if (fits)
        longest = std::max(longest, taken);
    }
    ASSERT_EQ(left.size(), longest);
  }
}

class Steer : public testing::Test {
protected:
  void SetUp() override {
    QDir(QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + "/evaluations")
        .removeRecursively();
    QFile file(recipe());
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(kRecipe);
    file.close();
    window.resize(1280, 800);
    window.show();
    workbench.showView("steer");
    view = qobject_cast<SteerView*>(window.view("steer"));
    ASSERT_TRUE(view);
    workbench.opener().open(SY_DATA "/demo-model");
    workbench.opener().open(recipe(), FileKind::Recipe);
    ASSERT_TRUE(waitFor([&] {
      return workbench.document().current(ItemKind::Model) != 0 &&
             workbench.document().current(ItemKind::Recipe) != 0 &&
             workbench.jobs().active() == 0 && view->recipe().isSaved();
    }));
    LiveSettings settings = Player::of(workbench).settings();
    settings.generate.maxTokens = 24;
    Player::of(workbench).setSettings(settings);
  }

  QString recipe() const { return folder.filePath("without.json"); }
  std::vector<int> cli(bool steered) {
    std::vector<std::string> words = {SY_CLI,
                                      "generate",
                                      SY_DATA "/demo-model",
                                      "--prompt",
                                      kPrompt.toStdString(),
                                      "--max-tokens",
                                      "24",
                                      "--json",
                                      "--quiet"};
    if (steered)
      words.insert(words.end(), {"--recipe", recipe().toStdString()});
    const tests::ProcessResult run = tests::run(words);
    EXPECT_EQ(run.exitCode, 0) << run.err;
    return json::parse(run.out)["ids"].get<std::vector<int>>();
  }
  static std::vector<int> ids(const std::vector<TokenId>& tokens) {
    std::vector<int> list;
    for (const TokenId token : tokens)
      list.push_back(token.value);
    return list;
  }
  bool evaluated() {
    return waitFor([&] { return view->evaluation().job() == 0; }, 120000);
  }

  QTemporaryDir folder;
  Workbench workbench{plugin::Registry::scan()};
  MainWindow window{workbench};
  SteerView* view = nullptr;
};

TEST_F(Steer, AAndBDifferWhereTheCommandLinesDo) {
  view->setPrompt(kPrompt);
  EXPECT_TRUE(view->handles("run.generate"));
  view->generate();
  ASSERT_TRUE(waitFor([&] { return view->ab().outcome() != nullptr; }, 60000));
  const AbOutcome& outcome = *view->ab().outcome();
  const std::vector<int> a = cli(false);
  const std::vector<int> b = cli(true);
  ASSERT_NE(a, b) << "choose another recipe for this test";
  EXPECT_EQ(ids(outcome.a.tokens), a);
  EXPECT_EQ(ids(outcome.b.tokens), b);
  const auto first = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  EXPECT_EQ(outcome.diff.first, first);
  EXPECT_TRUE(view->ab().note().contains(QString("first at generated token %1").arg(first)));
  // The marked pieces are painted with the fill; the others are not.
  DiffText& text = view->ab().a();
  ASSERT_EQ(text.pieces().size(), a.size());
  const QImage image = text.viewport()->grab().toImage();
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(text.pieces()[i].differs, outcome.diff.a[i]);
    const QRect place = text.pieceRect(i);
    if (place.bottom() >= image.height() || place.width() < 3)
      continue;
    const Theme& theme = Theme::instance();
    EXPECT_EQ(image.pixelColor(place.left() + 1, place.bottom()).name(),
              theme.color(outcome.diff.a[i] ? Ink::Pin : Ink::Canvas).name());
    EXPECT_EQ(image.pixelColor(place.left() + 1, place.top() + 1).name(),
              theme.color(outcome.diff.a[i] ? Ink::DiffFill : Ink::Canvas).name());
  }
  EXPECT_TRUE(text.accessibleDescription().startsWith(text.text().left(5)));
  EXPECT_TRUE(view->csv().contains("a_token"));
  // The two command lines make the same texts; B's has the recipe as it is.
  const QStringList lines = view->commandLine().split('\n');
  ASSERT_EQ(lines.size(), 2);
  for (const bool steered : {false, true}) {
    const std::string line = lines.at(steered ? 1 : 0).toStdString();
    ASSERT_EQ(line.find("switchyard generate "), 0u) << line;
    const tests::ProcessResult run = tests::run(
        {"/bin/sh", "-c", SY_CLI + line.substr(std::strlen("switchyard")) + " --json --quiet"});
    ASSERT_EQ(run.exitCode, 0) << run.err << line;
    EXPECT_EQ(json::parse(run.out)["ids"].get<std::vector<int>>(), steered ? b : a);
  }
}

TEST_F(Steer, CancelLeavesWhatWasThere) {
  LiveSettings settings = Player::of(workbench).settings();
  settings.generate.maxTokens = 450;
  settings.generate.stopAtEos = false;
  Player::of(workbench).setSettings(settings);
  view->setPrompt(kPrompt);
  view->generate();
  ASSERT_TRUE(waitFor([&] { return view->job() != 0; }));
  EXPECT_EQ(view->generateButton().text(), "Cancel");
  EXPECT_TRUE(view->handles("run.stop"));
  view->command("run.stop");
  ASSERT_TRUE(waitFor([&] { return view->job() == 0; }));
  EXPECT_EQ(view->ab().outcome(), nullptr);
  EXPECT_TRUE(view->ab().note().contains("Cancelled by you."));
}

TEST_F(Steer, TheEvaluationSaysWhatTheCommandLineSays) {
  EvaluationPanel& panel = view->evaluation();
  const QAbstractItemModelTester changed(&panel.problems(),
                                         QAbstractItemModelTester::FailureReportingMode::Fatal);
  const QAbstractItemModelTester kinds(&panel.kinds(),
                                       QAbstractItemModelTester::FailureReportingMode::Fatal);
  EXPECT_EQ(panel.settings().scorer, "exact:after=A:");
  EXPECT_EQ(panel.settings().limit, 200);
  EXPECT_TRUE(panel.settings().tasks.endsWith("tasks/arithmetic.jsonl"));
  EvaluationSettings settings = panel.settings();
  settings.limit = 40;
  panel.setSettings(settings);
  panel.run(false);
  ASSERT_NE(panel.job(), 0u);
  ASSERT_TRUE(evaluated());
  ASSERT_NE(panel.outcome(), nullptr);
  const PairedOutcome& outcome = *panel.outcome();
  const tests::ProcessResult run = tests::run(
      {SY_CLI, "evaluate", SY_DATA "/demo-model", "--tasks", settings.tasks.toStdString(),
       "--scorer", "exact:after=A:", "--limit", "40", "--recipe", recipe().toStdString(), "--store",
       folder.filePath("cli.eval").toStdString(), "--json", "--quiet"});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  const json all = json::parse(run.out);
  const json* table = nullptr;
  for (const json& candidate : all["result"]["tables"])
    if (candidate["name"] == "comparisons")
      table = &candidate;
  ASSERT_TRUE(table);
  const auto number = [&](const std::string& name) {
    for (std::size_t i = 0; i < (*table)["columns"].size(); ++i) {
      const json& column = (*table)["columns"][i];
      if ((column.is_object() ? column["name"] : column) == name)
        return (*table)["rows"][0][i].get<double>();
    }
    ADD_FAILURE() << name;
    return 0.0;
  };
  EXPECT_DOUBLE_EQ(outcome.recipe.difference, number("difference"));
  EXPECT_DOUBLE_EQ(outcome.recipe.interval.first, number("low"));
  EXPECT_DOUBLE_EQ(outcome.recipe.interval.second, number("high"));
  EXPECT_DOUBLE_EQ(outcome.recipe.p, number("p"));
  EXPECT_EQ(static_cast<double>(outcome.table[1][0]), number("lower"));
  EXPECT_EQ(static_cast<double>(outcome.table[0][1]), number("higher"));
  EXPECT_EQ(outcome.table[0][0] + outcome.table[0][1] + outcome.table[1][0] + outcome.table[1][1],
            40);
  EXPECT_EQ(panel.commandLine().toStdString(), all["command"].get<std::string>());
  EXPECT_EQ(view->commandLine(), panel.commandLine());
  // By kind: counts add up.
  double right = 0;
  for (const KindRow& kind : outcome.kinds)
    right += kind.b;
  EXPECT_EQ(right, static_cast<double>(outcome.table[1][1] + outcome.table[0][1]));
  EXPECT_EQ(panel.kinds().index(0, panel.kinds().columnCount() - 1).data(), "40");
  // The control is a row even though it has not been run.
  ASSERT_EQ(panel.plot().rows().size(), 2u);
  EXPECT_TRUE(panel.plot().rows()[1].value.isEmpty());
  EXPECT_TRUE(panel.plot().accessibleDescription().contains("not run yet"));
  panel.run(true);
  ASSERT_TRUE(evaluated());
  ASSERT_TRUE(panel.outcome()->control.has_value());
  EXPECT_FALSE(panel.plot().rows()[1].value.isEmpty());
  EXPECT_DOUBLE_EQ(panel.outcome()->recipe.difference, number("difference"));
  EXPECT_EQ(panel.outcome()->evaluation.ran, 40) << "only the control is run";
  for (int row = 0; row < panel.problems().rowCount(); ++row)
    EXPECT_TRUE(panel.problems().promptOf(row).startsWith("Q:"));
}

TEST_F(Steer, ACancelledEvaluationGoesOn) {
  EvaluationPanel& panel = view->evaluation();
  EvaluationSettings settings = panel.settings();
  settings.only = "style=think";
  settings.limit = 300;
  panel.setSettings(settings);
  panel.run(false);
  panel.cancel();
  ASSERT_TRUE(evaluated());
  EXPECT_EQ(panel.outcome(), nullptr);
  EXPECT_TRUE(panel.note().contains("Cancelled by you.")) << panel.note().toStdString();
}

TEST_F(Steer, SaysWhatIsWrongWithAnEvaluation) {
  QStringList problems;
  QObject::connect(&workbench, &Workbench::problem, &window,
                   [&](const Problem& problem) { problems << problem.title + problem.text; });
  EvaluationSettings settings = view->evaluation().settings();
  settings.tasks = folder.filePath("none.jsonl");
  view->evaluation().setSettings(settings);
  view->evaluation().run(false);
  ASSERT_TRUE(waitFor([&] { return !problems.isEmpty(); }));
  EXPECT_TRUE(problems.first().contains("none.jsonl")) << problems.first().toStdString();
}

TEST_F(Steer, KeepsItsChoicesInTheSession) {
  view->setPrompt("Q: 1+1=? A:");
  EvaluationSettings settings = view->evaluation().settings();
  settings.only = "style=think";
  settings.limit = 12;
  view->evaluation().setSettings(settings);
  const QString state = view->saveState();
  view->setPrompt("other");
  settings.limit = 3;
  view->evaluation().setSettings(settings);
  view->restoreState(state);
  EXPECT_EQ(view->prompt(), "Q: 1+1=? A:");
  EXPECT_EQ(view->evaluation().settings().limit, 12);
  view->restoreState("nonsense");
  EXPECT_EQ(view->prompt(), "Q: 1+1=? A:");
}

} // namespace
} // namespace switchyard::studio
