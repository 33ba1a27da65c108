// Compare and Agreement: two traces against their own loads, and what does not align.

#include <QAccessible>
#include <QComboBox>
#include <QPushButton>

#include "app/studio/views/aligned_tokens.h"
#include "app/studio/views/compare_view.h"
#include "tests/studio/views/open_view.h"

namespace switchyard::studio {
namespace {

TEST(Compare, DifferenceMapAgainstBothLoads) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  view.show();
  EXPECT_TRUE(view.stateText().startsWith("Two traces are needed"));
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey b = tests::openTrace(workbench, tests::bannedTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(
      waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.stateText().toStdString(), "");
  const jobs::TraceComparison& found = *view.comparison();
  EXPECT_EQ(found.aligned, found.documents);
  EXPECT_EQ(found.loadB[5 * 32 + 19], 0); // banned
  EXPECT_GT(found.loadA[5 * 32 + 19], 0);
  EXPECT_EQ(found.agreement[0].value, 1); // layers before the ban route as before
  EXPECT_LT(found.agreement[5].value, 1);
  const HeatmapData& map = heatmap(view.panels().front());
  EXPECT_DOUBLE_EQ(map.spec.values[5 * 32 + 19], -found.loadA[5 * 32 + 19]);
  EXPECT_EQ(map.spec.dots[3], 1); // no difference at all: the interval contains 0
  view.swap();
  ASSERT_TRUE(waitFor([&] { return view.comparison()->loadA[5 * 32 + 19] == 0; }));
  view.setValue(CompareValue::A);
  const ColorDomain first = heatmap(view.panels().front()).spec.domain;
  view.setValue(CompareValue::B);
  EXPECT_EQ(heatmap(view.panels().front()).spec.domain, first); // both sides use one map
  view.setNormalised(true);
  for (const double value : heatmap(view.panels().front()).spec.values)
    EXPECT_LE(value, 1);
  EXPECT_TRUE(view.headline().contains("Agreement at 4"));
}

TEST(Compare, ABrushOverEitherTraceLimitsBoth) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey b = tests::openTrace(workbench, tests::bannedTrace());
  view.setTraces(a, b);
  for (const ItemKey brushed : {a, b}) {
    workbench.selection().setFilter({});
    workbench.document().setCurrent(ItemKind::Trace, brushed);
    view.refresh();
    const auto compared = [&](std::int64_t tokens) {
      return waitFor([&] {
        return view.comparison() && view.comparison()->alignedTokens == tokens &&
               workbench.jobs().active() == 0;
      });
    };
    ASSERT_TRUE(compared(workbench.document().item(a)->trace->tokens()));
    workbench.selection().setFilter({.range = {{10, 210}}});
    ASSERT_TRUE(compared(200)) << (brushed == a ? "A" : "B");
    EXPECT_TRUE(view.filterText().startsWith("filtered: 200 of "))
        << view.filterText().toStdString();
  }
  // Of the tokens that B sent to the expert, and not of those that A did.
  workbench.selection().setFilter({.routedTo = ExpertKey{5, 19}}); // banned in B
  EXPECT_TRUE(waitFor([&] { return view.stateText().startsWith("No tokens match"); }));
}

TEST(Compare, TextsThatDoNotAlignSayWhere) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey b = tests::openTrace(workbench, tests::otherTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(waitFor([&] { return view.stateText().contains("documents align"); }));
  EXPECT_TRUE(view.stateText().startsWith("A and B have no document in common. 0 of "))
      << view.stateText().toStdString();
}

TEST(Compare, TokensThatWereStillBeingReadDoNotAppearUnderAnotherPair) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey banned = tests::openTrace(workbench, tests::bannedTrace());
  const ItemKey other = tests::openTrace(workbench, tests::otherTrace());
  view.setTraces(a, banned);
  auto* tokens = view.findChild<AlignedTokens*>();
  ASSERT_TRUE(waitFor([&] { return tokens->tokens() > 0 && workbench.jobs().active() == 0; }));
  for (QComboBox* box : view.findChildren<QComboBox*>())
    if (box->accessibleName() == "Sequence")
      Q_EMIT box->activated(
          0); // reads the tokenizer, which takes longer than to see that nothing aligns
  view.setTraces(a, other);
  ASSERT_TRUE(waitFor([&] { return view.stateText().contains("documents align"); }));
  ASSERT_TRUE(waitFor([&] { return workbench.jobs().active() == 0; }));
  EXPECT_EQ(tokens->tokens(), 0);
}

TEST(Compare, TheFirstPairThatAlignsIsTheDefault) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  const ItemKey other = tests::openTrace(workbench, tests::otherTrace());
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  workbench.opener().openBeside(QString::fromStdString(tests::bannedTrace().string()));
  ASSERT_TRUE(waitFor([&] { return workbench.document().keys(ItemKind::Trace).size() == 3; }));
  const ItemKey b = workbench.document().keys(ItemKind::Trace).back();
  EXPECT_EQ(workbench.document().current(ItemKind::Trace), a); // the other one was opened beside it
  view.show();
  EXPECT_EQ(view.traces(), std::pair(a, b));
  ASSERT_TRUE(
      waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.stateText(), QString());
  EXPECT_EQ(view.comparison()->at, 4);
  view.setAt(1);
  ASSERT_TRUE(
      waitFor([&] { return view.comparison()->at == 1 && workbench.jobs().active() == 0; }));
  EXPECT_DOUBLE_EQ(view.comparison()->agreement[5].value, view.comparison()->firstChoice[5]);
  EXPECT_TRUE(view.headline().contains("Agreement at 1"));
  // The aligned tokens are a table for screen readers, too.
  auto* aligned = view.findChild<AlignedTokens*>();
  ASSERT_TRUE(waitFor([&] { return aligned->tokens() > 0; }));
  QAccessibleTableInterface* table =
      QAccessible::queryAccessibleInterface(aligned)->tableInterface();
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columnCount(), aligned->tokens());
  EXPECT_TRUE(table->cellAt(0, 2)->text(QAccessible::Name).startsWith("token 2 "));
  // What somebody chose stays, also when the current trace changes.
  view.setTraces(a, other);
  workbench.document().setCurrent(ItemKind::Trace, b);
  view.refresh();
  EXPECT_EQ(view.traces(), std::pair(a, other));
  CompareView again(workbench, "compare", "Compare");
  again.restoreState(view.saveState());
  EXPECT_EQ(again.traces(), std::pair(a, other));
  workbench.document().remove(other);
  EXPECT_EQ(view.traces(), std::pair(a, b));
}

TEST(Compare, OneTraceOffersToRecordAnotherWithTheRecipe) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.show();
  tests::openTrace(workbench, tests::demoTrace());
  const auto button = [&] {
    for (QPushButton* found : view.findChildren<QPushButton*>())
      if (found->isVisible() && found->text().startsWith("Record"))
        return found;
    return static_cast<QPushButton*>(nullptr);
  };
  EXPECT_FALSE(button());
  Item prompts, model;
  prompts.kind = ItemKind::PromptSet;
  prompts.name = "some";
  prompts.path = QString::fromStdString(tests::somePrompts("few.jsonl", 0, 40).string());
  model.kind = ItemKind::Model;
  model.name = "demo-model";
  model.path = SY_DATA "/demo-model";
  workbench.document().add(prompts);
  workbench.document().add(model);
  workbench.steer(SteerStep::Ban, {5, 19});
  view.refresh();
  ASSERT_TRUE(button());
  button()->click();
  ASSERT_TRUE(
      waitFor([&] { return workbench.document().keys(ItemKind::Trace).size() == 2; }, 60000));
  const Item* made = workbench.document().item(workbench.document().keys(ItemKind::Trace).back());
  EXPECT_TRUE(made->trace->meta().recipe.find("ban") != std::string::npos);
  ASSERT_TRUE(waitFor([&] { return view.stateText().contains("documents align"); }))
      << view.stateText().toStdString();
}

TEST(Compare, FewDocumentsHaveNoIntervalsAndItSaysSo) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  view.resize(806, 560);
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::fewTrace()),
                b = tests::openTrace(workbench, tests::fewBannedTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(
      waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.stateText(), QString());
  EXPECT_EQ(view.comparison()->aligned, 4); // three texts, one of them in two windows
  EXPECT_EQ(view.note(), QString("Only 4 documents in common; intervals need at least 5."));
}

TEST(Agreement, HasIntervalsAndChance) {
  Workbench workbench(tests::builtPlugins());
  AgreementView view(workbench, "agreement", "Agreement");
  view.show();
  const ItemKey a = tests::openTrace(workbench, tests::demoTrace());
  const ItemKey b = tests::openTrace(workbench, tests::bannedTrace());
  view.setTraces(a, b);
  ASSERT_TRUE(
      waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  const auto* scene = dynamic_cast<ChartScene*>(view.panels().front()->figure()->scene());
  ASSERT_TRUE(scene);
  EXPECT_DOUBLE_EQ(scene->spec().reference.value_or(0), 4.0 / 32);
  EXPECT_EQ(scene->spec().series.front().intervals.size(), 6u);
}

} // namespace
} // namespace switchyard::studio
