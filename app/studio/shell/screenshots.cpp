#include "app/studio/shell/screenshots.h"

#include <algorithm>

#include <QDir>

#include "app/studio/live/player.h"
#include "app/studio/report/report_view.h"
#include "app/studio/shell/camera.h"
#include "app/studio/shell/examples.h"
#include "app/studio/shell/hints.h"
#include "app/studio/shell/palette.h"
#include "app/studio/shell/screenshot_states.h"
#include "app/studio/shell/view_list.h"
#include "app/studio/shell/view_pictures.h"
#include "app/studio/steer/steer_view.h"
#include "app/studio/views/npmi_view.h"

namespace switchyard::studio {

namespace {

/// The sample recipe changes its answer.
const char* const kSteeredPrompt = "Q: 58 mod 8=? <think>";

base::Result<void> openExamples(MainWindow& window, Camera& camera) {
  Workbench& workbench = window.workbench();
  openDemoModel(workbench);
  camera.settle();
  openSampleRecipe(workbench);
  camera.settle();
  openSampleTrace(workbench);
  camera.settle();
  if (!workbench.document().currentItem(ItemKind::Trace))
    return base::fail(base::ErrorCode::NotFound, "the sample trace could not be recorded");
  if (const Item* trace = workbench.document().currentItem(ItemKind::Trace);
      trace && trace->trace && trace->trace->meta().layers.size() > 5)
    workbench.selection().select(ExpertKey{trace->trace->meta().layers[5].layer, 19});
  workbench.selection().setPin(ExpertKey{0, 27});
  if (auto* npmi = qobject_cast<NpmiView*>(window.view("npmi")))
    npmi->setMarkers("return=1, the=-1"); // that occur in the sample's texts
  return {};
}

/// A report of what some views show.
void fillReport(MainWindow& window, Camera& camera) {
  for (const auto& [view, action] :
       {std::pair("experts", "report.add"), std::pair("experts", "report.add-numbers"),
        std::pair("coactivation", "report.add"), std::pair("specialization", "report.add"),
        std::pair("cache", "report.add")}) {
    window.workbench().showView(view);
    camera.settle();
    window.workbench().actions().action(action)->trigger();
  }
  if (auto* report = qobject_cast<ReportView*>(window.view("report"))) {
    ReportEdits& edits = report->list().edits();
    edits.setTitle(MainWindow::tr("Where the demo model sends its tokens"));
    edits.setQuestion(MainWindow::tr("Which experts does which text use?"));
    if (!edits.draft().entries.empty())
      edits.setNote(
          edits.draft().entries.front().id,
          MainWindow::tr(
              "Load as a multiple of an equal share: 1× is what every expert would get."));
  }
}

} // namespace

base::Result<int> writeScreenshots(MainWindow& window, const QString& folder,
                                   const QString& session) {
  if (!QDir().mkpath(folder))
    return base::fail(base::ErrorCode::Io, "this folder could not be made",
                      {.file = folder.toStdString(), .tensor = {}, .layer = {}, .token = {}});
  window.hints().end();
  window.dock("jobs")->setProperty("raised", true); // long jobs do not open it now
  window.show();
  Camera camera(window, folder);
  SY_TRY(camera.inEveryLook([&](const QString& look) { return camera.shoot("start" + look); }));
  if (session.isEmpty())
    SY_TRY(shootStates(window, camera));
  if (session.isEmpty())
    SY_TRY(openExamples(window, camera));
  else
    window.openSession(session);
  if (!camera.settle())
    return base::fail(base::ErrorCode::LimitExceeded, "the jobs did not come to an end");
  const ItemKey recipe = window.workbench().document().current(ItemKind::Recipe);
  window.workbench().document().setCurrent(ItemKind::Recipe,
                                           0); // live shows the model's own routing
  window.workbench().showView("live");
  camera.settle();
  window.dispatch("run.generate");
  camera.settle();
  // In the midst of the answer, where the next token was chosen among several.
  Player& player = Player::of(window.workbench());
  if (const Track* track = player.track())
    player.select(std::min(track->promptLength() + 18, track->end() - 1));
  if (auto* steer = qobject_cast<SteerView*>(window.view("steer"))) {
    window.workbench().document().setCurrent(ItemKind::Recipe, recipe);
    camera.settle();
    steer->setPrompt(kSteeredPrompt);
    steer->generate();
    steer->evaluation().run(true);
    camera.settle();
  }
  fillReport(window, camera);
  SY_TRY(camera.inEveryLook([&](const QString& look) -> base::Result<void> {
    for (const ViewEntry& entry : viewList()) {
      window.workbench().document().setCurrent(ItemKind::Recipe, entry.id == "steer" ? recipe : 0);
      window.workbench().showView(entry.id);
      SY_TRY(camera.shoot(entry.id + look));
    }
    SY_TRY(shootViewStates(window, look, [&](const QString& name) { return camera.shoot(name); }));
    window.workbench().showView("experts");
    window.showPalette("L5 E19");
    SY_TRY(camera.shoot("palette" + look));
    window.palette().hide();
    return {};
  }));
  return camera.taken();
}

} // namespace switchyard::studio
