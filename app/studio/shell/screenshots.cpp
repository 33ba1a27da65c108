#include "app/studio/shell/screenshots.h"

#include <functional>

#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QLineEdit>

#include "app/studio/shell/examples.h"
#include "app/studio/shell/hints.h"
#include "app/studio/shell/palette.h"
#include "app/studio/shell/view_list.h"
#include "app/studio/steer/steer_view.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kJobsMs = 300000; ///< for recording and analysing on a slow machine
/// The sample recipe changes its answer.
const char* const kSteeredPrompt = "Q: 58 mod 8=? <think>";
constexpr int kQuietMs = 250;   ///< without a job before a view counts as drawn

void spin(int milliseconds) {
  QEventLoop loop;
  QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
  loop.exec();
}

/// Runs the event loop until nothing works for a while. False: it never came to rest.
bool settle(MainWindow& window) {
  QElapsedTimer clock;
  clock.start();
  for (int quiet = 0; quiet < kQuietMs;) {
    spin(50);
    const bool busy = window.workbench().jobs().active() > 0 ||
                      (window.view("live") && window.view("live")->handles("run.stop"));
    quiet = busy ? 0 : quiet + 50;
    if (clock.elapsed() > kJobsMs)
      return false;
  }
  return true;
}

class Camera {
public:
  Camera(MainWindow& window, QString folder) : m_window(window), m_folder(std::move(folder)) {}

  base::Result<void> shoot(const QString& name) {
    settle(m_window);
    const QString path = QString("%1/%2.png").arg(m_folder, name);
    if (!m_window.grab().save(path))
      return base::fail(base::ErrorCode::Io, "this picture could not be written",
                        {.file = path.toStdString(), .tensor = {}, .layer = {}, .token = {}});
    ++m_taken;
    return {};
  }
  int taken() const { return m_taken; }

private:
  MainWindow& m_window;
  QString m_folder;
  int m_taken = 0;
};

/// Calls `each` with a name's ending for both looks and both sizes.
base::Result<void> inEveryLook(MainWindow& window,
                               const std::function<base::Result<void>(const QString&)>& each) {
  for (const QSize size : {QSize(1280, 800), QSize(2560, 1440)}) {
    window.resize(size);
    for (const ThemeChoice choice : {ThemeChoice::Light, ThemeChoice::Dark}) {
      Theme::instance().setChoice(choice);
      window.applyLayout("reset");
      SY_TRY(each(QString(choice == ThemeChoice::Light ? "-light" : "-dark") +
                  (size.width() > 1280 ? "-2560" : "")));
    }
  }
  return {};
}

base::Result<void> openExamples(MainWindow& window) {
  Workbench& workbench = window.workbench();
  openDemoModel(workbench);
  settle(window);
  openSampleRecipe(workbench);
  settle(window);
  openSampleTrace(workbench);
  settle(window);
  if (!workbench.document().currentItem(ItemKind::Trace))
    return base::fail(base::ErrorCode::NotFound, "the sample trace could not be recorded");
  if (const Item* trace = workbench.document().currentItem(ItemKind::Trace);
      trace && trace->trace && trace->trace->meta().layers.size() > 5)
    workbench.selection().select(ExpertKey{trace->trace->meta().layers[5].layer, 19});
  workbench.selection().setPin(ExpertKey{0, 27});
  return {};
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
  SY_TRY(inEveryLook(window, [&](const QString& look) { return camera.shoot("start" + look); }));
  if (session.isEmpty())
    SY_TRY(openExamples(window));
  else
    window.openSession(session);
  if (!settle(window))
    return base::fail(base::ErrorCode::LimitExceeded, "the jobs did not come to an end");
  const ItemKey recipe = window.workbench().document().current(ItemKind::Recipe);
  window.workbench().document().setCurrent(ItemKind::Recipe, 0); // live shows the model's own routing
  window.workbench().showView("live");
  settle(window);
  window.dispatch("run.generate");
  settle(window);
  if (auto* steer = qobject_cast<SteerView*>(window.view("steer"))) {
    window.workbench().document().setCurrent(ItemKind::Recipe, recipe);
    settle(window);
    steer->setPrompt(kSteeredPrompt);
    steer->generate();
    steer->evaluation().run(true);
    settle(window);
  }
  SY_TRY(inEveryLook(window, [&](const QString& look) -> base::Result<void> {
    for (const ViewEntry& entry : viewList()) {
      window.workbench().document().setCurrent(ItemKind::Recipe, entry.id == "steer" ? recipe : 0);
      window.workbench().showView(entry.id);
      SY_TRY(camera.shoot(entry.id + look));
    }
    window.workbench().showView("experts");
    window.showPalette("L5 E19");
    SY_TRY(camera.shoot("palette" + look));
    window.palette().hide();
    return {};
  }));
  return camera.taken();
}

} // namespace switchyard::studio
