#include "app/studio/shell/screenshot_states.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include "app/studio/session/autosave.h"
#include "app/studio/session/session_file.h"
#include "app/studio/shell/examples.h"
#include "app/studio/shell/plugin_guard.h"
#include "app/studio/shell/problem_strip.h"

namespace switchyard::studio {

namespace {

/// The states one after the other, in a session of their own.
class States {
public:
  States(MainWindow& window, Camera& camera) : m_window(window), m_camera(camera) {}

  base::Result<void> shoot() {
    if (!m_scratch.isValid())
      return base::fail(base::ErrorCode::Io, "no scratch folder could be made");
    SY_TRY(damagedModel());
    SY_TRY(recovery());
    SY_TRY(emptyViews());
    SY_TRY(notSaved());
    SY_TRY(filesGone());
    return crashedPlugin();
  }

private:
  Workbench& bench() { return m_window.workbench(); }
  QString in(const char* name) const { return m_scratch.filePath(name); }

  /// One picture in light and one in dark, then the messages go.
  base::Result<void> picture(const QString& name) {
    SY_TRY(m_camera.inEveryLook([&](const QString& look) { return m_camera.shoot(name + look); },
                                true));
    const auto strips = m_window.findChildren<ProblemStrip*>();
    for (ProblemStrip* strip : strips)
      strip->dismiss();
    m_window.dock("log")->hide();
    bench().log().markRead();
    return {};
  }

  base::Result<void> damagedModel() {
    const QDir model(exampleFolder() + "/demo-model");
    QDir().mkpath(in("damaged-model"));
    const QStringList files = model.entryList(QDir::Files);
    for (const QString& file : files) {
      const QString copy = in("damaged-model") + "/" + file;
      QFile::copy(model.filePath(file), copy);
      if (file.endsWith(".safetensors")) {
        QFile cut(copy);
        cut.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        cut.resize(cut.size() / 2); // an interrupted download
      }
    }
    bench().openFile(in("damaged-model"));
    m_camera.settle();
    if (const ItemKey key = bench().document().current(ItemKind::Model))
      bench().opener().loadModel(key, nullptr,
                                 [](const auto&) {}); // its size shows when it is read
    SY_TRY(picture("state-damaged-model"));
    m_window.newSession();
    return {};
  }

  base::Result<void> recovery() {
    openSampleRecipe(bench());
    m_camera.settle();
    SessionData data = snapshot(bench().document());
    data.changes = 6;
    m_window.newSession();
    SY_TRY(writeSession(data, Autosave::folder() + "/found.sysession"));
    m_window.keepWorkSafe();
    SY_TRY(picture("state-recovery"));
    Autosave::remove(Autosave::folder() + "/found.sysession");
    return {};
  }

  base::Result<void> emptyViews() {
    openDemoModel(bench());
    m_camera.settle();
    for (const char* view : {"live", "experts", "steer", "compare", "results"}) {
      bench().showView(view);
      SY_TRY(picture(QString("state-empty-") + view));
    }
    return {};
  }

  base::Result<void> notSaved() {
    bench().showView("experts");
    m_window.saveSession(in("no-folder") + "/mine.sysession");
    return picture("state-not-saved");
  }

  base::Result<void> filesGone() {
    const QString prompts = in("notes.txt");
    QFile file(prompts);
    if (!file.open(QIODevice::WriteOnly) || file.write("Some text.\n") < 0)
      return base::fail(base::ErrorCode::Io, "the scratch folder cannot be written to");
    file.close();
    bench().openFile(prompts);
    m_camera.settle();
    m_window.saveSession(in("mine.sysession"));
    m_camera.settle();
    QFile::remove(prompts);
    m_window.openSession(in("mine.sysession"));
    m_camera.settle();
    return picture("state-files-gone");
  }

  base::Result<void> crashedPlugin() {
    for (const plugin::PluginRow& row : bench().registry().rows())
      if (row.manifest && row.manifest->shortName() == "coactivation") {
        QFile notes(PluginGuard::notesPath());
        if (!notes.open(QIODevice::WriteOnly | QIODevice::Append))
          return base::fail(base::ErrorCode::Io, "the notes of crashes cannot be written to");
        notes.write(QByteArray::fromStdString(row.manifest->id) + "\tadd\tSIGSEGV\t1790000000\n");
        notes.close();
        bench().showView("coactivation");
        m_window.plugins().watchForCrashes();
        m_window.plugins().sayWhatCrashed();
        SY_TRY(picture("state-crashed-plugin"));
        m_window.plugins().switchOn(QString::fromStdString(row.manifest->id));
      }
    m_window.newSession();
    m_camera.settle();
    return {};
  }

  MainWindow& m_window;
  Camera& m_camera;
  QTemporaryDir m_scratch;
};

} // namespace

base::Result<void> shootStates(MainWindow& window, Camera& camera) {
  window.setConfirmation([] { return UnsavedChoice::Discard; });
  return States(window, camera).shoot();
}

} // namespace switchyard::studio
