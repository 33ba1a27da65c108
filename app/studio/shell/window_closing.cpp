// Leaving a session without losing what only it holds: the question about unsaved work, and the
// text that is being generated.

#include <QCloseEvent>
#include <QFileDialog>
#include <QMessageBox>

#include "app/studio/live/text_keeper.h"
#include "app/studio/session/autosave.h"
#include "app/studio/session/recordings.h"
#include "app/studio/shell/main_window.h"

namespace switchyard::studio {

namespace {

/// Whether something would be lost that exists nowhere else: a report, recipes and results that no
/// file holds.
bool holdsOwnWork(const Document& document) {
  if (!document.report()->isEmpty())
    return true;
  for (const ItemKind kind : {ItemKind::Recipe, ItemKind::Result})
    for (const ItemKey key : document.keys(kind))
      if (document.item(key)->path.isEmpty())
        return true;
  return false;
}

} // namespace

std::optional<UnsavedChoice> MainWindow::askBeforeLeaving() {
  const QUndoStack& undo = m_workbench.document().undoStack();
  if (undo.isClean() || (m_sessionPath.isEmpty() && !holdsOwnWork(m_workbench.document())))
    return std::nullopt;
  return m_confirm ? m_confirm() : askAboutWork();
}

bool MainWindow::mayLoseWork() {
  const std::optional<UnsavedChoice> choice = askBeforeLeaving();
  if (choice == UnsavedChoice::Save)
    m_workbench.actions().action("file.save")->trigger();
  return !choice || choice == UnsavedChoice::Discard;
}

UnsavedChoice MainWindow::askAboutWork() {
  QMessageBox box(QMessageBox::NoIcon, tr("Unsaved work"),
                  tr("This session holds work that no file has."),
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
  box.setDefaultButton(QMessageBox::Save);
  const int answer = box.exec();
  return answer == QMessageBox::Save      ? UnsavedChoice::Save
         : answer == QMessageBox::Discard ? UnsavedChoice::Discard
                                          : UnsavedChoice::Stay;
}

bool MainWindow::mayClose() {
  Player& player = Player::of(m_workbench);
  if (!m_leaving) {
    // It waits while the user thinks: staying goes on where it was.
    const bool ran = player.isGenerating() && player.state() == PlayState::Playing;
    if (ran)
      player.pause();
    const std::optional<UnsavedChoice> choice = askBeforeLeaving();
    if (choice == UnsavedChoice::Stay) {
      if (ran)
        player.play();
      return false;
    }
    m_leaving = choice;
  }
  if (player.isGenerating()) { // its recording is finished first, and is work of the session then
    connect(&player, &Player::ended, this, &MainWindow::close,
            static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::SingleShotConnection));
    player.stop();
    return false;
  }
  const bool saves = m_leaving == UnsavedChoice::Save;
  m_leaving.reset();
  if (saves) {
    m_closeWhenSaved = true;
    m_workbench.actions().action("file.save")->trigger();
    if (auto* dialog = findChild<QFileDialog*>()) // no name, no closing either
      connect(dialog, &QDialog::rejected, this, [this] { m_closeWhenSaved = false; });
  }
  return !saves;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!mayClose()) {
    event->ignore();
    return;
  }
  m_closeWhenSaved = false;
  // A session that was not saved is gone; what was generated in it is found among the recent files.
  Document& document = m_workbench.document();
  if (!document.undoStack().isClean())
    for (const ItemKey key : document.keys(ItemKind::Trace))
      if (const Item* item = document.item(key); recordings::isOne(item->path))
        m_settings.addRecentFile(item->path);
  m_workbench.jobs().cancelAll();
  if (m_autosave) {
    m_autosave->discard();
    m_text->discard();
  }
  QMainWindow::closeEvent(event);
}

} // namespace switchyard::studio
