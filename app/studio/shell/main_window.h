#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QMainWindow>

#include "app/studio/shell/dock.h"
#include "app/studio/shell/settings.h"
#include "app/studio/shell/view_area.h"

class QStackedWidget;

namespace switchyard::studio {

class Autosave;
class EdgeBar;
class Hints;
class LibraryPanel;
class Palette;
class PluginGuard;
class StartPage;
class StatusBar;
class TextKeeper;
class ToolBar;
struct LiveRequest;
struct Recoverable;
struct SessionData;

enum class UnsavedChoice { Save, Discard, Stay };

/// The window: assembly of docks, views, menus and bars over one workbench. GUI thread.
class MainWindow : public QMainWindow {
  Q_OBJECT
public:
  explicit MainWindow(Workbench& workbench, QWidget* parent = nullptr);
  ~MainWindow() override;

  Workbench& workbench() const { return m_workbench; }
  Settings& settings() { return m_settings; }
  ViewArea& viewArea() const { return *m_views; }
  View* currentView() const { return m_views->current(); }
  View* view(const QString& id) const { return m_views->view(id); }
  Dock* dock(const QString& id) const; ///< "library", "inspector", "timeline", "jobs", "log"
  Palette& palette() const { return *m_palette; }
  StatusBar& statusLine() const { return *m_status; }
  LibraryPanel& library() const { return *m_library; }
  Hints& hints() const { return *m_hints; }
  PluginGuard& plugins() const { return *m_plugins; }
  bool showsStartPage() const;

  void showPalette(const QString& query);
  void showPreferences();
  void showKeys();
  void startTour();
  /// Lets the current view, or else any view, do an action of actions_figure.cpp.
  void dispatch(const QString& actionId);
  /// Closed: opens and focuses it. Open: closes it.
  void toggleDock(Dock* dock);
  void focusDock(int steps); ///< next or previous dock that is open, then the view
  /// "watch", "inspect", "steer", "compare", "reset"
  void applyLayout(const QString& name);

  void newSession();
  void openDemo(); ///< the demo model and the sample trace, live view in front
  void openSession(const QString& path);
  void saveSession(const QString& path);
  const QString& sessionPath() const { return m_sessionPath; }
  /// From now on changes are kept on disk until the session is saved or closed, and a crash of a
  /// plugin is noted; offers what crashed runs left, and says which plugins are off since then.
  void keepWorkSafe();
  /// Answers instead of the box that asks about unsaved work (tests).
  void setConfirmation(std::function<UnsavedChoice()> confirm) { m_confirm = std::move(confirm); }

protected:
  void closeEvent(QCloseEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

private:
  void makeDocks();
  void makeBars();
  void connectWorkbench();
  void followContent(); ///< start page or views, title
  void updateActions();
  void updateBottom(quint64 job);
  void collapseForSize();
  void sizeDocks();                           ///< as designed
  bool isWide() const;                        ///< 1800 px and more: wider and higher docks
  int timelineHeight(const View* view) const; ///< as designed, with its title, beside this view
  void fitTimeline();                         ///< to the view that is shown
  void offerHints();
  void showProblem(const Problem& problem);
  void keepTextSafe();
  void offerRecovery(const Recoverable& lost);
  /// Shows text that a crash cut off again, and where it was: `words` at once, its routing as soon
  /// as the model has run it.
  void putText(const LiveRequest& text, const QString& words);
  SessionData takeSession();
  void putSession(const SessionData& data, const QString& path);
  std::optional<UnsavedChoice> askBeforeLeaving(); ///< nothing: nothing would be lost
  bool mayLoseWork();                              ///< asks if there is unsaved work
  bool mayClose(); ///< false: stays, or what has to be finished first closes the window later
  UnsavedChoice askAboutWork();

  Workbench& m_workbench;
  Settings m_settings;
  QStackedWidget* m_centre;
  StartPage* m_start = nullptr;
  ViewArea* m_views = nullptr;
  ToolBar* m_tools = nullptr;
  StatusBar* m_status = nullptr;
  LibraryPanel* m_library = nullptr;
  Palette* m_palette = nullptr;
  Hints* m_hints = nullptr;
  std::vector<Dock*> m_docks;
  std::vector<Dock*> m_collapsed; ///< closed by the window's size, open again when it grows
  QString m_sessionPath;
  Autosave* m_autosave = nullptr;
  TextKeeper* m_text = nullptr; ///< as long as m_autosave
  PluginGuard* m_plugins;
  std::function<UnsavedChoice()> m_confirm;
  std::optional<UnsavedChoice> m_leaving; ///< answered; what runs comes to its end first
  bool m_showsWork = false;               ///< something is open, and the docks with it
  bool m_docksSized = false;              ///< since there is something to show
  bool m_closeWhenSaved = false;
};

} // namespace switchyard::studio
