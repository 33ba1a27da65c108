// The recipe editor: model, list, forms, undo, saving.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QDropEvent>
#include <QFile>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QTemporaryDir>

#include "app/studio/shell/main_window.h"
#include "app/studio/steer/steer_view.h"
#include "app/studio/steer/step_options.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

class Steps : public testing::Test {
protected:
  void SetUp() override {
    window.resize(1280, 800);
    window.show();
    workbench.showView("steer");
    view = qobject_cast<SteerView*>(window.view("steer"));
    ASSERT_TRUE(view);
  }

  RecipeSteps& steps() { return view->recipe().steps(); }
  QUndoStack& undo() { return workbench.document().undoStack(); }
  std::string json() { return steps().recipe() ? routing::toJson(*steps().recipe()) : ""; }
  QStringList titles() {
    QStringList list;
    for (int i = 0; i < steps().rowCount(); ++i)
      list << steps().index(i).data().toString();
    return list;
  }
  void addThree() {
    workbench.steer(SteerStep::Ban, {0, 27});
    workbench.steer(SteerStep::Boost, {5, 8}, 4);
    workbench.steer(SteerStep::Force, {4, 11});
  }
  /// The last change can be undone and done again, under the name that it has.
  void expectUndoable(const std::string& before, const QString& name) {
    const std::string after = json();
    EXPECT_NE(before, after);
    EXPECT_EQ(undo().undoText(), name);
    undo().undo();
    EXPECT_EQ(json(), before);
    undo().redo();
    EXPECT_EQ(json(), after);
  }

  Workbench workbench{plugin::Registry::scan()};
  MainWindow window{workbench};
  SteerView* view = nullptr;
};

TEST_F(Steps, ActionsAnywhereAddStepsToTheCurrentRecipe) {
  const QAbstractItemModelTester tester(&steps(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  QString note;
  bool undoable = false;
  QObject::connect(&workbench, &Workbench::notified, &window, [&](const QString& text, bool can) {
    note = text;
    undoable = can;
  });
  EXPECT_EQ(steps().rowCount(), 0);
  workbench.steer(SteerStep::Ban, {5, 19});
  EXPECT_EQ(note, "Ban L5 E19 added to the recipe.");
  EXPECT_TRUE(undoable);
  EXPECT_EQ(titles(), QStringList({"Ban L5 E19"}));
  ASSERT_NE(workbench.document().currentItem(ItemKind::Recipe), nullptr) << "a recipe was made";
  workbench.steer(SteerStep::Boost, {5, 8}, 4);
  workbench.steer(SteerStep::Force, {4, 11});
  EXPECT_EQ(titles(), QStringList({"Ban L5 E19", QString("Boost L5 E8 ") + QChar(0xD7) + " 4",
                                   "Force L4 E11"}));
  EXPECT_EQ(view->recipe().list().currentRow(), 2) << "the new step is shown";
  undo().undo();
  undo().undo();
  undo().undo();
  EXPECT_EQ(steps().rowCount(), 0);
  EXPECT_EQ(workbench.document().currentItem(ItemKind::Recipe), nullptr);
  undo().redo();
  EXPECT_EQ(titles(), QStringList({"Ban L5 E19"}));
}

TEST_F(Steps, EveryChangeIsOneNamedEntry) {
  const QAbstractItemModelTester tester(&steps(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  addThree();
  std::string before = json();
  view->recipe().addStep("ban");
  expectUndoable(before, "Add step: Ban");
  before = json();
  steps().removeStep(1);
  EXPECT_EQ(titles(), QStringList({"Ban L0 E27", "Force L4 E11", "Ban"}));
  expectUndoable(before, QString("Remove step: Boost L5 E8 ") + QChar(0xD7) + " 4");
  before = json();
  steps().moveStep(0, 2);
  EXPECT_EQ(titles(), QStringList({"Force L4 E11", "Ban", "Ban L0 E27"}));
  expectUndoable(before, "Move step 1 to 3");
  before = json();
  EXPECT_TRUE(steps().setData(steps().index(0), Qt::Unchecked, Qt::CheckStateRole));
  EXPECT_FALSE(steps().recipe()->steps[0].enabled);
  expectUndoable(before, "Switch off: Force L4 E11");
  EXPECT_EQ(steps().enabledSteps(), 2);
  const int entries = undo().count();
  steps().moveStep(1, 1);
  steps().moveStep(0, 7);
  steps().setEnabled(0, false);
  steps().replace(0, steps().recipe()->steps[0]);
  steps().removeStep(9);
  EXPECT_EQ(undo().count(), entries) << "nothing changed";
}

TEST_F(Steps, UndoOutlinesTheStepThatItChanged) {
  addThree();
  steps().setEnabled(1, false);
  StepList& list = view->recipe().list();
  const auto outline = [&] { return list.viewport()->findChild<QWidget*>("undoFlash"); };
  EXPECT_EQ(outline(), nullptr);
  undo().undo();
  ASSERT_TRUE(outline());
  EXPECT_EQ(outline()->geometry(), list.visualRect(steps().index(1)) & list.viewport()->rect());
  undo().undo(); // the third step goes: the one that is now the last
  ASSERT_TRUE(outline());
  EXPECT_EQ(outline()->geometry(), list.visualRect(steps().index(1)) & list.viewport()->rect());
  undo().redo();
  ASSERT_TRUE(outline());
  EXPECT_EQ(outline()->geometry(), list.visualRect(steps().index(2)) & list.viewport()->rect());
}

TEST_F(Steps, KeysReorderSwitchAndRemove) {
  addThree();
  StepList& list = view->recipe().list();
  list.setFocus();
  list.setCurrentRow(2);
  QTest::keyClick(&list, Qt::Key_Up, Qt::AltModifier);
  EXPECT_EQ(titles().at(1), "Force L4 E11");
  EXPECT_EQ(list.currentRow(), 1) << "the step keeps the selection";
  QTest::keyClick(&list, Qt::Key_Down, Qt::AltModifier);
  EXPECT_EQ(titles().at(2), "Force L4 E11");
  QTest::keyClick(&list, Qt::Key_Space);
  EXPECT_EQ(steps().index(2).data(Qt::CheckStateRole), Qt::Unchecked);
  QTest::keyClick(&list, Qt::Key_Space);
  EXPECT_EQ(steps().index(2).data(Qt::CheckStateRole), Qt::Checked);
  QTest::mouseClick(list.viewport(), Qt::LeftButton, {}, list.checkRect(steps().index(0)).center());
  EXPECT_EQ(steps().index(0).data(Qt::CheckStateRole), Qt::Unchecked);
  list.setCurrentRow(0);
  QTest::keyClick(&list, Qt::Key_Delete);
  EXPECT_EQ(steps().rowCount(), 2);
}

TEST_F(Steps, ADragReorders) {
  addThree();
  StepList& list = view->recipe().list();
  list.setCurrentRow(0);
  const std::unique_ptr<QMimeData> data(steps().mimeData({steps().index(0)}));
  const QRect last = list.visualRect(steps().index(2));
  QDropEvent drop(QPointF(last.center().x(), last.bottom() - 2), Qt::MoveAction, data.get(),
                  Qt::LeftButton, Qt::NoModifier);
  // Without a window system there is no drag whose target could be asked.
  struct Opened : StepList {
    using StepList::dropEvent;
  };
  (list.*&Opened::dropEvent)(&drop);
  EXPECT_EQ(titles(), QStringList({QString("Boost L5 E8 ") + QChar(0xD7) + " 4", "Force L4 E11",
                                   "Ban L0 E27"}));
  EXPECT_EQ(list.currentRow(), 2);
}

TEST_F(Steps, AnOptionOfTheFormChangesTheRecipe) {
  addThree();
  view->recipe().list().setCurrentRow(1);
  StepForm& form = view->recipe().form();
  ASSERT_TRUE(form.options());
  const std::string before = json();
  const int entries = undo().count();
  form.options()->setArguments({{"multiplier", "8"}});
  ASSERT_TRUE(waitFor([&] { return undo().count() == entries + 1; }));
  EXPECT_EQ(titles().at(1), QString("Boost L5 E8 ") + QChar(0xD7) + " 8");
  expectUndoable(before, QString("Step 2 (boost): multiplier 4 ") + QChar(0x2192) + " 8");
  undo().undo();
  const auto arguments = form.options()->arguments();
  EXPECT_THAT(arguments, testing::Contains(testing::Pair("multiplier", "4")))
      << "the form shows what undo brought back";
}

TEST_F(Steps, ScopeFieldsChangeTheRecipeAndSayWhatIsWrong) {
  addThree();
  view->recipe().list().setCurrentRow(0);
  StepForm& form = view->recipe().form();
  form.scope()->setArguments(
      {{"layers", "0,3"}, {"positions", "0:16,64:"}, {"phase", "generated"}});
  form.flush();
  const routing::RecipeScope& scope = steps().recipe()->steps[0].scope;
  EXPECT_THAT(scope.layers, testing::ElementsAre(0, 3));
  ASSERT_EQ(scope.positions.size(), 2u);
  EXPECT_EQ(scope.positions[0], (routing::PositionRange{0, 16}));
  EXPECT_EQ(scope.positions[1].from, 64);
  EXPECT_EQ(scope.phase, routing::Phase::Generated);
  const std::string before = json();
  qobject_cast<QLineEdit*>(form.scope()->field("positions"))->setText("from here");
  EXPECT_FALSE(form.isValid());
  EXPECT_TRUE(form.problem().contains("FIRST:END")) << form.problem().toStdString();
  form.flush();
  EXPECT_EQ(json(), before) << "what is wrong is not taken";
  EXPECT_FALSE(view->generateButton().isEnabled());
}

TEST_F(Steps, TokenIdsAndSpanMarkersAreFieldsToo) {
  addThree();
  view->recipe().list().setCurrentRow(0);
  StepForm& form = view->recipe().form();
  const std::string before = json();
  const auto type = [&](const char* field, const char* text) {
    qobject_cast<QLineEdit*>(form.scope()->field(field))->setText(text);
  };
  type("token-ids", "5, 9");
  type("inside-open", "<a, b>");
  EXPECT_FALSE(form.isValid()) << "a span needs both markers";
  EXPECT_TRUE(form.problem().contains("'open' and 'close'")) << form.problem().toStdString();
  form.flush();
  EXPECT_EQ(json(), before);
  type("inside-close", " </a>");
  EXPECT_TRUE(form.isValid());
  const int entries = undo().count();
  form.flush();
  EXPECT_EQ(undo().count(), entries + 1);
  const routing::RecipeScope scope = steps().recipe()->steps[0].scope;
  EXPECT_THAT(scope.tokenIds, testing::ElementsAre(5, 9));
  EXPECT_EQ(scope.open, "<a, b>") << "commas and blanks are part of a marker";
  EXPECT_EQ(scope.close, " </a>");
  EXPECT_TRUE(scopeText(scope).contains("<a, b>")) << scopeText(scope).toStdString();
  undo().undo();
  EXPECT_EQ(json(), before);
  EXPECT_EQ(qobject_cast<QLineEdit*>(form.scope()->field("inside-open"))->text(), "");
  EXPECT_EQ(qobject_cast<QLineEdit*>(form.scope()->field("token-ids"))->text(), "");
  undo().redo();
  EXPECT_EQ(qobject_cast<QLineEdit*>(form.scope()->field("inside-close"))->text(), " </a>");
  EXPECT_EQ(qobject_cast<QLineEdit*>(form.scope()->field("token-ids"))->text(), "5,9");
  type("token-ids", "five");
  EXPECT_FALSE(form.isValid());
  EXPECT_FALSE(form.problem().isEmpty() && form.scope()->errorOf("token-ids").isEmpty());
}

TEST_F(Steps, AStepThatLacksAnOptionSaysSoBelowTheField) {
  view->recipe().addStep("ban");
  StepForm& form = view->recipe().form();
  ASSERT_TRUE(form.options());
  EXPECT_FALSE(form.isValid());
  EXPECT_FALSE(form.options()->errorOf("experts").isEmpty());
  ASSERT_TRUE(waitFor([&] { return !steps().canRun(); }));
  EXPECT_FALSE(steps().index(0).data(RecipeSteps::ProblemRole).toString().isEmpty());
  workbench.selection().select(ExpertKey{2, 5});
  view->recipe().addStep("force");
  EXPECT_EQ(titles().at(1), "Force L2 E5") << "the selected expert";
}

TEST_F(Steps, EveryRouterPluginOpensInTheFormUnchanged) {
  int routers = 0;
  for (const plugin::PluginRow& row : workbench.registry().rows()) {
    if (!row.manifest || !row.manifest->has(plugin::Kind::Router))
      continue;
    ++routers;
    workbench.selection().select(ExpertKey{1, 2});
    view->recipe().addStep(QString::fromStdString(row.manifest->id));
    const std::string before = json();
    const int entries = undo().count();
    view->recipe().flush();
    EXPECT_EQ(json(), before) << row.manifest->id << ": looking at a step must not change it";
    EXPECT_EQ(undo().count(), entries);
  }
  EXPECT_GE(routers, 16);
}

TEST_F(Steps, SavingWritesTheRecipeAndTheLibraryFollows) {
  const QTemporaryDir folder;
  addThree();
  EXPECT_FALSE(view->recipe().isSaved());
  const QString path = folder.filePath("mine.json");
  ASSERT_TRUE(view->recipe().saveTo(path));
  EXPECT_TRUE(view->recipe().isSaved());
  const Item* item = workbench.document().currentItem(ItemKind::Recipe);
  EXPECT_EQ(item->path, path);
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  EXPECT_EQ(file.readAll().toStdString(), json());
  const auto read = jobs::readRecipe(path.toStdString());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->steps.size(), 3u);
  steps().setEnabled(0, false);
  EXPECT_FALSE(view->recipe().isSaved());
  undo().undo();
  EXPECT_TRUE(view->recipe().isSaved());
  QStringList problems;
  QObject::connect(&workbench, &Workbench::problem, &window,
                   [&](const Problem& problem) { problems << problem.title; });
  EXPECT_FALSE(view->recipe().saveTo(folder.filePath("missing/mine.json")));
  EXPECT_THAT(problems, testing::ElementsAre("The recipe could not be saved."));
}

TEST(StepOptions, ScopesAndFormsSayTheSame) {
  routing::RecipeScope scope;
  scope.layers = {3, 7};
  scope.positions = {{0, 16}, {64, std::numeric_limits<std::int64_t>::max()}};
  scope.phase = routing::Phase::Prompt;
  scope.tokenClasses = {"digits"};
  const auto again = scopeOf(argumentsOf(scope));
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_EQ(again->layers, scope.layers);
  EXPECT_EQ(again->positions, scope.positions);
  EXPECT_EQ(again->phase, scope.phase);
  EXPECT_EQ(again->tokenClasses, scope.tokenClasses);
  for (const char* bad : {"x", "1", "1:2:3", ":4", "5:x"})
    EXPECT_FALSE(scopeOf({{"positions", bad}})) << bad;
  EXPECT_FALSE(scopeOf({{"layers", "-1"}}));
  EXPECT_FALSE(scopeOf({{"layers", "three"}}));
}

} // namespace
} // namespace switchyard::studio
