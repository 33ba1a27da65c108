// The session document: undo of every change, names, current items, selection rules, opening.

#include <gtest/gtest.h>

#include "app/studio/document/numbers.h"
#include "app/studio/document/opener.h"
#include "tests/studio/wait.h"
#include "tests/support/temp_folder.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

Item recipeItem(const QString& name) {
  Item item;
  item.kind = ItemKind::Recipe;
  item.name = name;
  item.recipe = std::make_shared<const routing::Recipe>();
  return item;
}

/// All that a user can tell two documents apart by.
QStringList stateOf(const Document& document) {
  QStringList state;
  for (int kind = 0; kind < kItemKinds; ++kind) {
    for (const ItemKey key : document.keys(static_cast<ItemKind>(kind))) {
      const Item* item = document.item(key);
      state << QString("%1 %2 %3").arg(kind).arg(key).arg(item->name);
      if (item->recipe)
        state << QString::fromStdString(routing::toJson(*item->recipe));
    }
    state << QString("current %1").arg(document.current(static_cast<ItemKind>(kind)));
  }
  return state;
}

TEST(Document, EveryUndoableChangeUndoesAndRedoesToTheSameState) {
  Document document;
  std::vector<QStringList> states = {stateOf(document)};
  const auto step = [&] { states.push_back(stateOf(document)); };
  const ItemKey first = document.add(recipeItem("one"));
  step();
  const ItemKey second = document.add(recipeItem("two"));
  step();
  ASSERT_TRUE(document.rename(first, "uno"));
  step();
  auto recipe = std::make_shared<routing::Recipe>();
  routing::RecipeStep ban;
  ban.plugin = "ban";
  ban.options = R"({"experts":["5:19"]})";
  recipe->steps.push_back(ban);
  document.setRecipe(first, recipe, "Ban L5 E19");
  step();
  document.remove(first);
  step();
  document.remove(second);
  step();
  QUndoStack& undo = document.undoStack();
  EXPECT_EQ(undo.undoText(), "Remove two");
  for (std::size_t i = states.size() - 1; i > 0; --i) {
    undo.undo();
    EXPECT_EQ(stateOf(document), states[i - 1]) << i;
  }
  for (std::size_t i = 1; i < states.size(); ++i) {
    undo.redo();
    EXPECT_EQ(stateOf(document), states[i]) << i;
  }
}

TEST(Document, NamesAreUniqueInTheirKind) {
  Document document;
  const ItemKey first = document.add(recipeItem("one"));
  const ItemKey second = document.add(recipeItem("one"));
  EXPECT_EQ(document.item(second)->name, "one (2)");
  EXPECT_FALSE(document.rename(second, "one"));
  EXPECT_FALSE(document.rename(second, "  "));
  EXPECT_TRUE(document.rename(first, "one"));
  EXPECT_EQ(document.undoStack().count(), 2);
  EXPECT_EQ(document.undoStack().text(1), "Add one (2)");
}

TEST(Document, TheCurrentItemFollowsRemovalAndUndo) {
  Document document;
  const ItemKey first = document.add(recipeItem("one"));
  const ItemKey second = document.add(recipeItem("two"));
  EXPECT_EQ(document.current(ItemKind::Recipe), first);
  document.setCurrent(ItemKind::Recipe, second);
  document.remove(second);
  EXPECT_EQ(document.current(ItemKind::Recipe), first);
  document.undoStack().undo();
  EXPECT_EQ(document.current(ItemKind::Recipe), second);
}

TEST(Selection, ClickCtrlShiftAndEscape) {
  Selection selection;
  int changes = 0;
  QObject::connect(&selection, &Selection::expertsChanged, [&] { ++changes; });
  const ExpertKey a{0, 27}, b{5, 19}, c{5, 8};
  selection.select(b);
  selection.select(b);
  EXPECT_EQ(changes, 1);
  selection.select(a, SelectMode::Toggle);
  selection.select(c, SelectMode::Extend);
  EXPECT_EQ(selection.experts(), (std::vector<ExpertKey>{a, c, b}));
  EXPECT_EQ(selection.primaryExpert(), c);
  selection.select(c, SelectMode::Toggle);
  EXPECT_EQ(selection.experts(), (std::vector<ExpertKey>{a, b}));
  EXPECT_EQ(selection.primaryExpert(), b);
  selection.setHover(a);
  selection.setFilter({.range = std::pair<qint64, qint64>{0, 5}, .routedTo = {}});
  EXPECT_TRUE(selection.escape());
  EXPECT_EQ(selection.hover(), Mark());
  EXPECT_TRUE(selection.escape());
  EXPECT_TRUE(selection.experts().empty());
  EXPECT_FALSE(selection.filter().isEmpty());
  EXPECT_TRUE(selection.escape());
  EXPECT_FALSE(selection.escape());
}

TEST(Selection, SwapWithPin) {
  Selection selection;
  selection.swapWithPin();
  selection.select(ExpertKey{5, 8});
  selection.setPin(ExpertKey{0, 27});
  selection.swapWithPin();
  EXPECT_EQ(selection.primaryExpert(), (ExpertKey{0, 27}));
  EXPECT_EQ(selection.pin(), Mark(ExpertKey{5, 8}));
}

TEST(Numbers, ThousandsHaveThinSpaces) {
  EXPECT_EQ(grouped(7), "7");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(45025), QString("45\u2009025"));
  EXPECT_EQ(grouped(-1234567), QString("\u22121\u2009234\u2009567"));
}

TEST(Opener, OpensWhatIsShipped) {
  Document document;
  JobRunner jobs;
  Opener opener(document, jobs);
  const QString data = SY_DATA;
  opener.open(data + "/demo-model");
  opener.open(data + "/prompts/domains.jsonl");
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  const Item* model = document.currentItem(ItemKind::Model);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->name, "demo-model");
  EXPECT_EQ(model->detail, QString("6×32"));
  EXPECT_EQ(model->modelFacts->k, 4);
  const Item* prompts = document.currentItem(ItemKind::PromptSet);
  ASSERT_TRUE(prompts);
  EXPECT_EQ(prompts->detail, "136");
  opener.open(data + "/demo-model"); // again: the same item
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  EXPECT_EQ(document.keys(ItemKind::Model).size(), 1u);
}

TEST(Opener, LoadsWeightsOnceForAllWhoAsk) {
  Document document;
  JobRunner jobs;
  Opener opener(document, jobs);
  opener.open(QString(SY_DATA) + "/demo-model");
  ASSERT_TRUE(waitFor([&] { return document.current(ItemKind::Model) != 0; }));
  std::vector<const LoadedModel*> got;
  for (int i = 0; i < 3; ++i)
    opener.loadModel(
        document.current(ItemKind::Model), nullptr,
        [&](std::shared_ptr<const LoadedModel> loaded) { got.push_back(loaded.get()); });
  ASSERT_TRUE(waitFor([&] { return got.size() == 3; }));
  EXPECT_EQ(got[0], got[2]);
  EXPECT_TRUE(got[0]->model && got[0]->tokenizer);
  EXPECT_EQ(jobs.jobs().size(), 2u);
}

TEST(Opener, BadFilesAreErrorsNotItems) {
  tests::TempFolder folder;
  Document document;
  JobRunner jobs;
  Opener opener(document, jobs);
  QStringList failed;
  QObject::connect(&opener, &Opener::failed,
                   [&](const QString& path, const base::Error&) { failed << path; });
  const QStringList paths = {
      QString::fromStdString((folder / "absent.swy").string()),
      QString::fromStdString(folder.write("text.swy", "no trace").string()),
      QString::fromStdString(folder.write("broken.json", "{\"steps\": [").string()),
      QString::fromStdString(folder.write("broken.jsonl", "{\"text\": 5}\n").string()),
      QString::fromStdString(folder.write("model.safetensors", "x").string()),
  };
  for (const QString& path : paths)
    opener.open(path);
  ASSERT_TRUE(waitFor([&] { return jobs.active() == 0; }));
  failed.sort();
  QStringList wanted = paths;
  wanted.sort();
  EXPECT_EQ(failed, wanted);
  EXPECT_TRUE(document.isEmpty());
}

} // namespace
} // namespace switchyard::studio
