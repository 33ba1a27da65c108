// A brush shows a sample at once and the exact numbers then, in every view that follows it.

#include <ctime>

#include "app/studio/document/numbers.h"
#include "app/studio/views/cache_view.h"
#include "app/studio/views/coactivation_view.h"
#include "app/studio/views/compare_view.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/npmi_view.h"
#include "app/studio/views/plugin_view.h"
#include "app/studio/views/specialization_view.h"
#include "tests/studio/gui_watchdog.h"
#include "tests/studio/views/open_view.h"

namespace switchyard::studio {
namespace {

/// CPU time of all threads of this process, in ms.
double processMs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Every view that follows the filter shows a sample at once, then the exact numbers.
template <typename T> void expectPreview(const char* id, qint64 tokens = 4096) {
  Workbench workbench(tests::builtPlugins());
  T view(workbench, id, id);
  ASSERT_NE(tests::openTrace(workbench, tests::longTrace()), 0);
  if constexpr (std::is_same_v<T, NpmiView>)
    view.setMarkers("the=1");
  if constexpr (std::is_same_v<T, PluginView>) {
    view.setPlugin("sample-analyzer");
    view.run();
  }
  view.resize(806, 560);
  view.show();
  ASSERT_TRUE(
      waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  if constexpr (std::is_same_v<T, ExpertsView>)
    view.setMetric("load/load_experts/gate_mass"); // load itself has the exact blocks
  const auto whole = view.analysis();
  view.grab(); // the fonts of all tokens are loaded once
  QTest::qWait(20);
  const double before = processMs();
  workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(1000, 29000), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.analysis() != whole; }));
  const double spent = processMs() - before;
  ::testing::Test::RecordProperty(std::string("preview_ms_") + id, std::to_string(spent));
  EXPECT_LT(spent, 4 * tests::kLongestMs) << id; // 200 ms, of all threads
  EXPECT_TRUE(view.isPreview()) << id;
  EXPECT_TRUE(view.note().startsWith("Preview from " + grouped(tokens)))
      << view.note().toStdString();
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, tokens) << id;
  EXPECT_EQ(view.stateText(), QString()) << id;
  ASSERT_TRUE(waitFor([&] { return !view.isPreview(); })) << id;
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, 28000) << id;
  EXPECT_FALSE(view.note().startsWith("Preview")) << view.note().toStdString();
}

TEST(Brushing, ExpertsShowsASampleAtOnce) {
  expectPreview<ExpertsView>("experts");
}
TEST(Brushing, CoactivationShowsASampleAtOnce) {
  expectPreview<CoactivationView>("coactivation");
}
TEST(Brushing, SpecializationShowsASampleAtOnce) {
  expectPreview<SpecializationView>("specialization");
}
TEST(Brushing, NpmiShowsASampleAtOnce) {
  expectPreview<NpmiView>("npmi");
}
TEST(Brushing, ResultsShowsASampleAtOnce) {
  expectPreview<PluginView>("results", 2048);
}
TEST(Brushing, CacheShowsASampleAtOnce) {
  expectPreview<CacheView>("cache", 2048);
}

TEST(Brushing, CompareShowsASampleAtOnce) {
  Workbench workbench(tests::builtPlugins());
  CompareView view(workbench, "compare", "Compare");
  const ItemKey a = tests::openTrace(workbench, tests::longTrace()),
                b = tests::openTrace(workbench, tests::longBannedTrace());
  workbench.document().setCurrent(ItemKind::Trace, a);
  view.resize(806, 560);
  view.show();
  view.setTraces(a, b);
  ASSERT_TRUE(
      waitFor([&] { return view.comparison() != nullptr && workbench.jobs().active() == 0; }));
  const auto whole = view.comparison();
  const double before = processMs();
  workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(1000, 29000), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.comparison() != whole; }));
  const double spent = processMs() - before;
  RecordProperty("preview_ms_compare", std::to_string(spent));
  EXPECT_LT(spent, 200);
  EXPECT_TRUE(view.note().startsWith("Preview from " + grouped(4096))) << view.note().toStdString();
  ASSERT_TRUE(waitFor([&] { return view.note().isEmpty() && workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.comparison()->alignedTokens, 28000);
  EXPECT_TRUE(view.commandLine().endsWith(" --rows 1000:29000"));
  workbench.selection().setFilter(
      {.range = std::pair<qint64, qint64>(1'000'000, 1'000'001), .routedTo = {}});
  ASSERT_TRUE(waitFor([&] { return view.stateText().startsWith("No tokens match. 0 of "); }));
  workbench.selection().setFilter({});
  ASSERT_TRUE(waitFor([&] {
    return view.stateText().isEmpty() && view.comparison()->alignedTokens == whole->alignedTokens;
  }));
}

TEST(Brushing, ANewBrushDropsWhatTheLastOneAskedFor) {
  Workbench workbench(tests::builtPlugins());
  SpecializationView view(workbench, "specialization", "Specialization");
  ASSERT_NE(tests::openTrace(workbench, tests::longTrace()), 0);
  view.show();
  ASSERT_TRUE(
      waitFor([&] { return view.analysis() != nullptr && workbench.jobs().active() == 0; }));
  for (qint64 last = 20000; last <= 28000; last += 500) {
    workbench.selection().setFilter(
        {.range = std::pair<qint64, qint64>(1000, last), .routedTo = {}});
    QTest::qWait(3);
  }
  ASSERT_TRUE(waitFor([&] { return workbench.jobs().active() == 0 && !view.isPreview(); }));
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens, 27000);
  workbench.selection().setFilter({.range = std::pair<qint64, qint64>(0, 25000), .routedTo = {}});
  workbench.selection().setFilter({});
  QTest::qWait(50);
  ASSERT_TRUE(waitFor([&] { return workbench.jobs().active() == 0; }));
  EXPECT_EQ(view.analysis()->results.front().provenance.tokens,
            workbench.document().currentItem(ItemKind::Trace)->trace->tokens());
  EXPECT_EQ(view.note(), QString());
}

} // namespace
} // namespace switchyard::studio
