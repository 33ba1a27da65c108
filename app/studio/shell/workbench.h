#pragma once

#include <memory>
#include <vector>

#include <QObject>

#include "app/studio/document/document.h"
#include "app/studio/document/opener.h"
#include "app/studio/jobs/job_runner.h"
#include "app/studio/shell/actions.h"
#include "app/studio/shell/log_model.h"
#include "core/plugin/registry.h"

namespace switchyard::studio {

/// Something that went wrong, as the user reads it at the top of a view until it is dismissed.
struct Problem {
  QString title; ///< "The model could not be opened: a file is too short."
  QString text;  ///< what, where
  std::vector<std::pair<QString, QString>> rows; ///< "What to do", "fetch this file again"
  std::vector<std::pair<QString, std::function<void()>>> actions; ///< buttons; the first is primary
  QString id{};         ///< a later problem with the same non-empty id replaces it
  bool isOffer = false; ///< nothing went wrong: "Unsaved work was found"
};

/// What a click on "Ban", "Boost..." or "Force" asks for.
enum class SteerStep { Ban, Boost, Force };

/// Everything that views and docks share. One per window; outlives them. GUI thread.
class Workbench : public QObject {
  Q_OBJECT
public:
  explicit Workbench(std::shared_ptr<plugin::Registry> registry, QObject* parent = nullptr);
  ~Workbench() override;

  JobRunner& jobs() { return m_jobs; }
  Document& document() { return m_document; }
  Selection& selection() { return m_document.selection(); }
  Opener& opener() { return m_opener; }
  LogModel& log() { return m_log; }
  ActionTable& actions() { return m_actions; }
  plugin::Registry& registry() { return *m_registry; }
  const std::shared_ptr<plugin::Registry>& sharedRegistry() const { return m_registry; }

  /// Opens a file of any kind; a session replaces what is open.
  void openFile(const QString& path);
  /// Shows a problem at the top of the present view, turns the status bar red, and logs it.
  void report(const Problem& problem);
  /// A short note in the status bar for 6 s; `undoable`: with an Undo button.
  void notify(const QString& text, bool undoable = false);
  /// What goes on, in the status bar: "Generating, step 19 of at most 96"; empty: nothing.
  void setActivity(const QString& text);
  const QString& activity() const { return m_activity; }
  /// Brings a view of view_list.cpp to the front.
  void showView(const QString& viewId);
  /// Brings the view that draws a result to the front (a generic one if no view is made for it).
  void showResult(ItemKey result);
  /// Adds a step for this expert to the current recipe (a new one if there is none). Undoable; says
  /// so with an Undo button.
  void steer(SteerStep step, const ExpertKey& expert, double factor = 4.0);
  /// Puts text (a command line, a value, CSV) on the clipboard and says so.
  void copyText(const QString& text, const QString& what);

Q_SIGNALS:
  void problem(const switchyard::studio::Problem& problem);
  void notified(const QString& text, bool undoable);
  void activityChanged();
  void pluginsChanged(); ///< one was switched off or on
  void viewRequested(const QString& viewId);
  void resultRequested(int key);
  void sessionRequested(const QString& path);

private:
  // Order matters: jobs stop before what they deliver to goes away.
  QString m_activity;
  LogModel m_log;
  Document m_document;
  ActionTable m_actions;
  std::shared_ptr<plugin::Registry> m_registry;
  JobRunner m_jobs;
  Opener m_opener;
};

} // namespace switchyard::studio
