#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QPainter>
#include <QWidget>

#include "app/jobs/report/document.h"
#include "app/studio/shell/problem_strip.h"
#include "app/studio/shell/workbench.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace switchyard::studio {

/// A button of an empty or partial state.
struct StateAction {
  QString text;
  std::function<void()> run;
};

/// What "Add to report" asks a view for: what it shows, or its headline numbers.
enum class ReportPiece { Shown, Numbers };

/// Base of the nine views: error strips, control row, figure header (title, question, legend), the
/// canvas with its table alternative, provenance line with "Copy as command line". A subclass fills
/// the parts in its constructor and overrides the hooks it can serve. GUI thread.
class View : public QWidget {
  Q_OBJECT
public:
  View(Workbench& workbench, const QString& id, const QString& title);

  const QString& id() const { return m_id; }
  QString title() const { return m_title; }
  Workbench& workbench() const { return m_workbench; }

  // Hooks. Those that return nothing leave the action disabled, with a reason.

  /// Whether commandFigure() does something for an action id now: "figure.fit", "figure.zoom-in",
  /// "figure.move-left", ... (actions_figure.cpp lists them).
  virtual bool handles(const QString& actionId) const;
  virtual void command(const QString& actionId);
  /// Paints the figure with title, legend and provenance into `area`; false: nothing to paint.
  /// The default paints the canvas widget scaled to fit.
  virtual bool paint(QPainter& painter, const QRectF& area);
  /// The data behind the figure; empty: none. Default: the table's model as CSV.
  virtual QString csv() const;
  /// The line that makes what is shown; empty: none.
  virtual QString commandLine() const { return m_commandLine; }
  /// The figure or table as shown, or the numbers, with how they were made; nothing: there is none.
  /// The default is the table if that is shown, else a picture of paint().
  virtual std::optional<jobs::report::Part> reportPart(ReportPiece piece);
  /// Called when the view becomes visible and when the session changes while it is.
  virtual void refresh() {}
  /// Options of the view (order, metric, ...) as JSON text, for the session file and back.
  virtual QString saveState() const { return {}; }
  virtual void restoreState(const QString&) {}

  virtual bool showsTable() const;
  virtual void setShowsTable(bool table); ///< no table: nothing happens
  virtual bool hasTable() const { return m_table != nullptr; }
  QWidget* canvas() const { return m_canvas; }
  bool isLinked() const { return m_linked; }
  void setLinked(bool linked);
  void addProblem(const Problem& problem);
  QString formula() const; ///< the line below the figure: formula, intervals
  /// What is shown instead of the figure now, as text: for tests and accessibility; empty: nothing.
  QString stateText() const { return m_stateText; }

Q_SIGNALS:
  /// Something that hooks depend on changed: actions are asked again.
  void capabilitiesChanged();
  void linkedChanged(bool linked);

protected:
  /// A part that says how the view's content is made, without content.
  jobs::report::Part partOfView() const;
  /// 34 px row; hidden until something is added. Widgets in reading order; addControlStretch()
  /// before what stands at the right.
  void addControl(QWidget* widget);
  void addControl(const QString& label, QWidget* widget);
  void addControlStretch();
  /// Title, question in muted text, and what stands at the right (a legend); 26 px.
  void setHeader(const QString& title, const QString& question = {});
  void setLegend(QWidget* legend);
  /// The figure. Takes the widget; it becomes focusable, gets the Figure shortcuts, and `title` is
  /// its accessible name unless it has one.
  void setCanvas(QWidget* canvas);
  /// The same numbers as rows. Takes the widget (a QAbstractItemView or a composite).
  void setTable(QWidget* table);
  /// Formula, intervals; 24 px; a link copies `commandLine` if there is one. Both empty: hidden.
  void setProvenance(const QString& text, const QString& commandLine = {});

  /// Shows a card over the canvas: "No routing recorded yet". The first action is primary.
  void showEmpty(const QString& title, const QString& text,
                 const std::vector<StateAction>& actions = {});
  /// Shows that a job runs ("Computing load: layer 12 of 48") with Cancel, once it has run 300 ms;
  /// the old figure stays at 40 %. Ends by itself when the job ends.
  void showLoading(JobId job);
  void clearState();

  void showEvent(QShowEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

private:
  void applyTheme();
  void placeCard();
  void updateLoading();

  Workbench& m_workbench;
  QString m_id, m_title, m_commandLine, m_stateText;
  bool m_linked = true;
  JobId m_loading = 0;
  QVBoxLayout* m_layout = nullptr;
  QVBoxLayout* m_problems = nullptr;
  QWidget* m_controlRow = nullptr;
  QHBoxLayout* m_controls = nullptr;
  QWidget* m_headerRow = nullptr;
  QHBoxLayout* m_header = nullptr;
  QLabel* m_headerTitle = nullptr;
  QLabel* m_headerQuestion = nullptr;
  QStackedWidget* m_stack = nullptr;
  QWidget* m_canvas = nullptr;
  QWidget* m_table = nullptr;
  QWidget* m_provenanceRow = nullptr;
  QLabel* m_provenance = nullptr;
  QPushButton* m_copyCommand = nullptr;
  QWidget* m_card = nullptr;
};

} // namespace switchyard::studio
