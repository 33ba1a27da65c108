#include <algorithm>

#include <QFileInfo>

#include "app/studio/document/numbers.h"
#include "app/studio/live/player.h"
#include "app/studio/session/autosave.h"
#include "app/studio/session/recordings.h"
#include "app/studio/session/session_file.h"
#include "app/studio/shell/examples.h"
#include "app/studio/shell/main_window.h"
#include "app/studio/shell/plugin_guard.h"
#include "app/studio/shell/problems.h"

namespace switchyard::studio {

namespace {

/// What was generated is inside the session's file now.
void nameAsSaved(Document& document) {
  for (const ItemKey key : document.keys(ItemKind::Trace))
    if (const Item* item = document.item(key); item->trace && recordings::isOne(item->path))
      document.update(key, [](Item& kept) {
        kept.detail = MainWindow::tr("%1 tok").arg(grouped(kept.trace->tokens()));
      });
}

} // namespace

void MainWindow::keepWorkSafe() {
  m_plugins->watchForCrashes();
  recordings::prune();
  m_autosave = new Autosave(m_workbench.jobs(), [this] { return takeSession(); }, this);
  connect(m_autosave, &Autosave::failed, this, [this](const base::Error& error) {
    m_workbench.report({tr("The changes could not be kept on disk."),
                        QString::fromStdString(error.describe()),
                        {{tr("What to do"), tr("free some space, or save the session elsewhere")}},
                        {{tr("Save elsewhere…"),
                          [this] { m_workbench.actions().action("file.save-as")->trigger(); }},
                         {tr("Try again"), [this] { m_autosave->writeNow(); }}},
                        "autosave"});
  });
  connect(&m_workbench.document().undoStack(), &QUndoStack::indexChanged, m_autosave,
          &Autosave::noteChange);
  connect(&Player::of(m_workbench), &Player::settingsChanged, m_autosave, // the prompt is work, too
          &Autosave::noteChange);
  for (const Recoverable& lost : Autosave::leftovers())
    offerRecovery(lost.path, lost.saved, lost.changes);
  m_plugins->sayWhatCrashed();
}

void MainWindow::offerRecovery(const QString& path, const QDateTime& saved, int changes) {
  Problem offer;
  offer.id = "recover " + path;
  offer.title = tr("Unsaved work from %1 was found: %n change(s).", nullptr, changes)
                    .arg(saved.toString("hh:mm"));
  offer.actions = {{tr("Recover"),
                    [this, path] { openSession(path); }},
                   {tr("Discard"), [path] { Autosave::remove(path); }}};
  offer.isOffer = true;
  showProblem(offer);
}

SessionData MainWindow::takeSession() {
  SessionData data = snapshot(m_workbench.document());
  data.layout.geometry = saveGeometry();
  data.layout.docks = saveState();
  data.layout.views = m_views->saveState();
  for (const View* view : m_views->views())
    if (const QString state = view->saveState(); !state.isEmpty())
      data.layout.states[view->id()] = state;
  const QUndoStack& undo = m_workbench.document().undoStack();
  data.changes = undo.isClean() ? 0 : std::max(1, undo.index() - std::max(0, undo.cleanIndex()));
  return data;
}

void MainWindow::putSession(const SessionData& data, const QString& path) {
  restore(m_workbench.document(), data);
  m_sessionPath = path;
  followContent();
  if (!data.layout.geometry.isEmpty())
    restoreGeometry(data.layout.geometry);
  if (!data.layout.docks.isEmpty())
    restoreState(data.layout.docks);
  m_views->restoreState(data.layout.views);
  for (const auto& [id, state] : data.layout.states)
    if (View* restored = view(id))
      restored->restoreState(state);
  for (const std::string& sentence : data.missing) {
    Problem gone;
    gone.id = "gone " + QString::fromStdString(sentence);
    gone.title = tr("A file of the session is no longer reachable.");
    gone.text = QString::fromStdString(sentence) + ". " + tr("Shown figures stay; new ones wait.");
    gone.actions = {{tr("Locate…"), [this] {
                       m_workbench.actions().action("file.open-trace")->trigger();
                     }}};
    m_workbench.report(gone);
  }
  updateActions();
}

void MainWindow::newSession() {
  if (!mayLoseWork())
    return;
  m_workbench.jobs().cancelAll();
  m_workbench.document().clear();
  m_sessionPath.clear();
  if (m_autosave)
    m_autosave->discard();
  followContent();
}

void MainWindow::openDemo() {
  openSampleTrace(m_workbench);
  openDemoModel(m_workbench);
}

void MainWindow::openSession(const QString& path) {
  if (!mayLoseWork())
    return;
  const bool isRecovery = path.startsWith(Autosave::folder());
  m_workbench.jobs().run<SessionData>(
      {tr("Open %1").arg(QFileInfo(path).fileName()), "session"}, this,
      [path](const JobContext& context) { return readSession(path, context.control); },
      [this, path, isRecovery](base::Result<std::shared_ptr<const SessionData>> data) {
        if (!data) {
          if (data.error().code != base::ErrorCode::Cancelled)
            m_workbench.report(openProblem(m_workbench, path, data.error()));
          return;
        }
        putSession(**data, isRecovery ? QString() : path);
        if (!isRecovery) {
          m_settings.addRecentFile(path);
        } else {
          m_workbench.document().undoStack().resetClean(); // it is not saved under a name
          m_workbench.notify(tr("%n change(s) recovered.", nullptr, (*data)->changes));
          Autosave::remove(path);
          if (m_autosave)
            m_autosave->noteChange();
        }
      });
}

void MainWindow::saveSession(const QString& path) {
  auto data = std::make_shared<SessionData>(takeSession());
  data->changes = 0;
  const int index = m_workbench.document().undoStack().index();
  m_workbench.jobs().run<std::vector<std::string>>(
      {tr("Save %1").arg(QFileInfo(path).fileName()), "save"}, this,
      [data, path](const JobContext&) { return writeSession(*data, path); },
      [this, path, index](base::Result<std::shared_ptr<const std::vector<std::string>>> saved) {
        if (!saved) {
          m_workbench.report(saveProblem(m_workbench, saved.error(),
                                         [this, path] { saveSession(path); }));
          return;
        }
        m_sessionPath = path;
        if (m_workbench.document().undoStack().index() == index)
          m_workbench.document().undoStack().setClean();
        if (m_autosave)
          m_autosave->discard();
        m_settings.addRecentFile(path);
        followContent();
        m_workbench.notify((*saved)->empty() ? tr("Session saved to %1").arg(path)
                                             : tr("Session saved to %1, not with all recordings; see the log").arg(path));
        for (const std::string& sentence : **saved)
          m_workbench.log().add(base::LogLevel::Warning, QString::fromStdString(sentence));
        nameAsSaved(m_workbench.document());
        if (m_closeWhenSaved)
          close();
      });
}

} // namespace switchyard::studio
