#include "app/studio/shell/view_pictures.h"

#include "app/studio/inspector/inspection.h"
#include "app/studio/live/live_view.h"
#include "app/studio/live/yard_widget.h"
#include "app/studio/views/compare_view.h"
#include "app/studio/views/experts_view.h"
#include "app/studio/views/npmi_view.h"
#include "app/studio/views/plugin_view.h"
#include "app/studio/views/specialization_view.h"

namespace switchyard::studio {

namespace {

/// The first trace that is neither of the two; 0: there is none.
ItemKey otherTrace(const Document& document, const std::pair<ItemKey, ItemKey>& pair) {
  for (const ItemKey key : document.keys(ItemKind::Trace))
    if (key != pair.first && key != pair.second)
      return key;
  return 0;
}

base::Result<void> shootCompare(MainWindow& window, const QString& look, const Shoot& shoot) {
  auto* compare = qobject_cast<CompareView*>(window.view("compare"));
  if (!compare)
    return {};
  window.workbench().showView("compare");
  const std::pair<ItemKey, ItemKey> pair = compare->traces();
  compare->setValue(CompareValue::B);
  compare->setNormalised(true);
  SY_TRY(shoot("compare-normalised" + look));
  compare->setNormalised(false);
  compare->setValue(CompareValue::Ratio);
  compare->swap();
  SY_TRY(shoot("compare-swapped-ratio" + look));
  compare->setValue(CompareValue::Difference);
  if (const ItemKey other = otherTrace(window.workbench().document(), pair)) {
    compare->setTraces(pair.first, other);
    SY_TRY(shoot("compare-other-text" + look));
  }
  compare->setTraces(pair.first, pair.second);
  return {};
}

base::Result<void> shootMachine(MainWindow& window, const QString& look, const Shoot& shoot) {
  auto* results = qobject_cast<PluginView*>(window.view("results"));
  if (!results)
    return {};
  window.workbench().showView("results");
  const QString before = results->plugin();
  results->setPlugin("expert-cache");
  trace::MachineDescription machine;
  machine.name = "example";
  machine.loadBandwidth = 6.4e10;
  machine.loadLatency = 1e-5;
  results->machine()->setMachine(machine);
  if (const auto taken = results->machine()->takeFromModel(); !taken)
    return tl::unexpected<base::Error>(taken.error());
  results->run();
  SY_TRY(shoot("results-machine" + look));
  results->setPlugin(before);
  return {};
}

base::Result<void> shootNothingToRank(MainWindow& window, const QString& look, const Shoot& shoot) {
  auto* npmi = qobject_cast<NpmiView*>(window.view("npmi"));
  if (!npmi)
    return {};
  window.workbench().showView("npmi");
  const QString before = npmi->saveState();
  npmi->setMarkers({});
  SY_TRY(shoot("npmi-nothing" + look));
  npmi->restoreState(before);
  return {};
}

base::Result<void> shootFilters(MainWindow& window, const QString& look, const Shoot& shoot) {
  Workbench& workbench = window.workbench();
  auto* experts = qobject_cast<ExpertsView*>(window.view("experts"));
  const Item* trace = workbench.document().currentItem(ItemKind::Trace);
  if (!experts || !trace || !trace->trace)
    return {};
  workbench.showView("experts");
  experts->setOrder("value");
  const auto primary = workbench.selection().primaryExpert();
  FigurePanel* panel = experts->currentPanel();
  if (primary && panel->figure()->currentItem() >= 0)
    Q_EMIT panel->figure()->itemClicked(panel->figure()->currentItem(), {});
  SY_TRY(shoot("experts-cell" + look));
  Inspection::of(workbench).clear();
  experts->setOrder("id");
  // A brush over few documents.
  const auto brush = [&](qint64 first, qint64 last) {
    TokenFilter filter;
    filter.range = {first, last};
    workbench.selection().setFilter(filter);
  };
  const qint64 tokens = trace->trace->tokens();
  brush(tokens / 2, tokens / 2 + 900);
  workbench.showView("specialization");
  SY_TRY(shoot("specialization-few" + look));
  brush(tokens + 1, tokens + 2);
  SY_TRY(shoot("specialization-no-tokens" + look));
  workbench.selection().setFilter({});
  return {};
}

base::Result<void> shootReplay(MainWindow& window, const QString& look, const Shoot& shoot) {
  Workbench& workbench = window.workbench();
  auto* live = qobject_cast<LiveView*>(window.view("live"));
  const ItemKey trace = workbench.document().compared().first;
  if (!live || trace == 0)
    return {};
  Player& player = Player::of(workbench);
  const std::shared_ptr<Reel> before = player.shareReel();
  workbench.showView("live");
  player.replay(trace, 3, 40);
  live->yard().setShowsOther(true);
  SY_TRY(shoot("live-compared" + look));
  live->yard().setShowsOther(false);
  player.showReel(before);
  return {};
}

} // namespace

base::Result<void> shootViewStates(MainWindow& window, const QString& look, const Shoot& shoot) {
  SY_TRY(shootCompare(window, look, shoot));
  SY_TRY(shootMachine(window, look, shoot));
  SY_TRY(shootNothingToRank(window, look, shoot));
  SY_TRY(shootFilters(window, look, shoot));
  return shootReplay(window, look, shoot);
}

} // namespace switchyard::studio
