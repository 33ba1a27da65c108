#pragma once

#include <memory>
#include <vector>

#include "app/studio/shell/view.h"
#include "app/studio/views/figure_panel.h"
#include "app/studio/views/result_store.h"

class QToolButton;
class QVBoxLayout;

namespace switchyard::studio {

/// Base of the views over analyses of the current trace: finds or computes the result, says why
/// there is none, follows the token filter, and serves the figure actions for its panels.
///
/// A subclass builds its controls, calls setContent() with a widget of panels made by makePanel(),
/// then addFigureButtons(); it overrides options() and showAnalysis().
class AnalysisView : public View {
  Q_OBJECT
public:
  void refresh() override;
  bool handles(const QString& actionId) const override;
  void command(const QString& actionId) override;
  bool paint(QPainter& painter, const QRectF& area) override;
  QString csv() const override;
  bool hasTable() const override;
  bool showsTable() const override;
  void setShowsTable(bool table) override;
  QString saveState() const override;
  void restoreState(const QString& json) override;

  FigurePanel* currentPanel() const { return m_current; }
  const std::vector<FigurePanel*>& panels() const { return m_panels; }
  const std::shared_ptr<const jobs::Analysis>& analysis() const { return m_analysis; }

protected:
  AnalysisView(Workbench& workbench, const QString& id, const QString& title);

  /// What to compute of this trace; `with` empty: nothing, options() said why with showEmpty().
  /// `rows` is filled in by the caller.
  virtual jobs::AnalyzeOptions options(const Item& trace) = 0;
  virtual void showAnalysis() = 0;
  /// Called before a computation over filtered rows: what can be shown at once, to within a block.
  virtual void preview(const jobs::RowFilter&) {}
  /// Figures go back to no data: there is no trace, or another one.
  virtual void showNothing();
  /// Name of the result in the library; empty: not listed.
  virtual QString resultName() const { return title(); }
  virtual QString jobTitle() const { return tr("Compute %1").arg(title().toLower()); }
  /// Whether a token filter limits what is computed (simulators replay whole traces).
  virtual bool followsFilter() const { return true; }
  /// Values of the view's choices by name, for the session.
  virtual void saveChoices(QVariantMap&) const {}
  virtual void restoreChoices(const QVariantMap&) {}

  FigurePanel* makePanel(QWidget* parent = nullptr);
  void setContent(QWidget* content);
  /// Table, copy, export and "⋯" at the right end of the control row.
  void addFigureButtons();
  /// Options changed: computes again if the view is visible.
  void recompute();
  const Item* trace() const;
  ItemKey traceKey() const;
  /// The result of a plugin of the present analysis; null: none.
  const trace::AnalysisResult* result(const std::string& plugin) const;
  void showNoTrace();
  /// "load = ..." and the line that makes it; adds what was filtered and whether it is partial.
  void setFormula(const QString& formula);
  /// Keys of the labels of a trace's first sequences, "domain" first.
  QStringList labelKeys() const;

private:
  void start(jobs::AnalyzeOptions options);
  void accept(std::shared_ptr<const jobs::Analysis> analysis);
  void updateFilterRow();
  void setCurrent(FigurePanel* panel);

  QWidget* m_body;
  QVBoxLayout* m_bodyLayout;
  QWidget* m_filterRow;
  QLabel* m_filterText;
  std::vector<FigurePanel*> m_panels;
  FigurePanel* m_current = nullptr;
  QToolButton* m_tableButton = nullptr;
  std::shared_ptr<const jobs::Analysis> m_analysis;
  ItemKey m_shownTrace = 0;
};

} // namespace switchyard::studio
