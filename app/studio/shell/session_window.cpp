#include <algorithm>

#include <QFileInfo>
#include <QTimer>

#include "app/studio/document/numbers.h"
#include "app/studio/live/kept_text.h"
#include "app/studio/live/text_keeper.h"
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

/// A session as it is opened: with the text that was being generated, if a crash left one.
struct Opened {
  SessionData session;
  std::optional<LiveRequest> text;
  QString words; ///< of the text
};

base::Result<Opened> openEverything(const QString& path, bool isRecovery,
                                    const base::RunControl& control) {
  Opened opened;
  opened.session = SY_TRY(readSession(path, control));
  if (!isRecovery)
    return opened;
  auto text = readKeptText(Autosave::textPath(path));
  if (!text || text->generate.forced.empty())
    return opened;
  opened.words = wordsOf(*text).value_or(QString()); // without its tokenizer it is ids only
  opened.text = std::move(*text);
  return opened;
}

} // namespace

void MainWindow::keepWorkSafe() {
  m_plugins->watchForCrashes();
  recordings::prune();
  m_autosave = new Autosave(
      m_workbench.jobs(), [this] { return takeSession(); }, this);
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
  keepTextSafe();
  for (const Recoverable& lost : Autosave::leftovers())
    offerRecovery(lost);
  m_plugins->sayWhatCrashed();
}

void MainWindow::keepTextSafe() {
  m_text = new TextKeeper(Player::of(m_workbench), Autosave::textPath(m_autosave->path()), this);
  connect(m_text, &TextKeeper::failed, m_autosave, &Autosave::failed);
  // The session that it is a text of lies beside it from its beginning, and names its recording
  // before the text goes.
  connect(m_text, &TextKeeper::begun, m_autosave, &Autosave::writeNow);
  connect(&Player::of(m_workbench), &Player::ended, m_autosave, &Autosave::writeNow);
  connect(m_autosave, &Autosave::written, m_text, &TextKeeper::release);
}

void MainWindow::offerRecovery(const Recoverable& lost) {
  const QString& path = lost.path;
  Problem offer;
  offer.id = "recover " + path;
  offer.title = tr("Unsaved work from %1 was found: %n change(s).", nullptr, lost.changes)
                    .arg(lost.saved.toString("hh:mm"));
  if (lost.hasText)
    offer.text = tr("Text was being generated: it comes back, too.");
  offer.actions = {{tr("Recover"), [this, path] { openSession(path); }},
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
  if (m_text && m_text->holds())
    data.changes = std::max(1, data.changes);
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
  QTimer::singleShot(0, this, &MainWindow::fitTimeline); // when the docks have their sizes
  for (const auto& [id, state] : data.layout.states)
    if (View* restored = view(id))
      restored->restoreState(state);
  for (const std::string& sentence : data.missing) {
    Problem gone;
    gone.id = "gone " + QString::fromStdString(sentence);
    gone.title = tr("A file of the session is no longer reachable.");
    gone.text = QString::fromStdString(sentence) + ". " + tr("Shown figures stay; new ones wait.");
    gone.actions = {
        {tr("Locate…"), [this] { m_workbench.actions().action("file.open-trace")->trigger(); }}};
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
  if (m_autosave) {
    m_autosave->discard();
    m_text->discard();
  }
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
  m_workbench.jobs().run<Opened>(
      {tr("Open %1").arg(QFileInfo(path).fileName()), "session"}, this,
      [path, isRecovery](const JobContext& context) {
        return openEverything(path, isRecovery, context.control);
      },
      [this, path, isRecovery](base::Result<std::shared_ptr<const Opened>> opened) {
        if (!opened) {
          if (opened.error().code != base::ErrorCode::Cancelled)
            m_workbench.report(openProblem(m_workbench, path, opened.error()));
          return;
        }
        const SessionData& data = (*opened)->session;
        putSession(data, isRecovery ? QString() : path);
        if (m_text)
          m_text->discard(); // the former session's
        if (!isRecovery) {
          m_settings.addRecentFile(path);
        } else {
          m_workbench.document().undoStack().resetClean(); // it is not saved under a name
          m_workbench.notify(tr("%n change(s) recovered.", nullptr, data.changes));
          if (m_text && (*opened)->text)
            m_text->adopt(Autosave::textPath(path));
          Autosave::remove(path);
          if (m_autosave)
            m_autosave->noteChange();
          if ((*opened)->text)
            putText(*(*opened)->text, (*opened)->words);
        }
      });
}

void MainWindow::putText(const LiveRequest& text, const QString& words) {
  constexpr qsizetype kMost = 2000; // characters that fit above a view
  Problem back;
  back.id = "text";
  back.title = tr("%n token(s) of text that was being generated were kept.", nullptr,
                  static_cast<int>(text.generate.forced.size()));
  back.text = words.size() > kMost ? "…" + words.last(kMost) : words;
  back.isOffer = true;
  showProblem(back);
  Player::of(m_workbench).goOn(text);
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
          m_workbench.report(
              saveProblem(m_workbench, saved.error(), [this, path] { saveSession(path); }));
          return;
        }
        m_sessionPath = path;
        if (m_workbench.document().undoStack().index() == index)
          m_workbench.document().undoStack().setClean();
        if (m_autosave) {
          m_autosave->discard();
          m_text->release();
          if (m_text->holds()) // it is still being made
            m_autosave->noteChange();
        }
        m_settings.addRecentFile(path);
        followContent();
        m_workbench.notify(
            (*saved)->empty()
                ? tr("Session saved to %1").arg(path)
                : tr("Session saved to %1, not with all recordings; see the log").arg(path));
        for (const std::string& sentence : **saved)
          m_workbench.log().add(base::LogLevel::Warning, QString::fromStdString(sentence));
        nameAsSaved(m_workbench.document());
        if (m_closeWhenSaved)
          close();
      });
}

} // namespace switchyard::studio
