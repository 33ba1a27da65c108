#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/studio/shell/view.h"
#include "app/studio/views/figure_panel.h"
#include "app/studio/views/result_store.h"

class QToolButton;
class QVBoxLayout;

namespace switchyard::studio {

class FilterRow;
class NoteRow;

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
  std::optional<jobs::report::Part> reportPart(ReportPiece piece) override;
  QString saveState() const override;
  void restoreState(const QString& json) override;

  FigurePanel* currentPanel() const { return m_current; }
  const std::vector<FigurePanel*>& panels() const { return m_panels; }
  const std::shared_ptr<const jobs::Analysis>& analysis() const { return m_analysis; }
  QString note() const;       ///< what the line above the figure says; empty: nothing
  QString filterText() const; ///< "filtered: 1 376 of 45 025 tokens"; empty: no filter
  /// What is shown is of a sample of the tokens; the exact numbers are being computed.
  bool isPreview() const { return m_isPreview; }

protected:
  AnalysisView(Workbench& workbench, const QString& id, const QString& title);

  /// What to compute of this trace; `with` empty: nothing, options() said why with showEmpty().
  /// `rows` is filled in by the caller.
  virtual jobs::AnalyzeOptions options(const Item& trace) = 0;
  virtual void showAnalysis() = 0;
  /// What to know of what is shown: too few documents, something that the trace does not store.
  virtual QString caution() const { return {}; }
  /// Shows caution(), or that the analysis is partial, above the figure.
  void updateNote();
  /// Called before a computation over filtered rows: shows what is known at once, to within a
  /// block. False: nothing is; then a sample of the rows comes first.
  virtual bool preview(const jobs::RowFilter&) { return false; }
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

  /// The results that the view shows, by plugin: for reports.
  virtual std::vector<std::pair<std::string, const trace::AnalysisResult*>> shownResults() const;
  /// The table in front; nothing: a figure is.
  virtual std::optional<trace::Table> shownTable() const;

  FigurePanel* makePanel(QWidget* parent = nullptr);
  void setContent(QWidget* content);
  /// Table, copy, export and "⋯" at the right end of the control row.
  void addFigureButtons();
  /// What a preview computes instead of `asked`: a sample of its rows, and less of what takes long,
  /// so that it is shown in less than 100 ms.
  virtual jobs::AnalyzeOptions previewOf(jobs::AnalyzeOptions asked) const;
  /// The layers that a preview is limited to, as ascending indices among the MoE layers; empty:
  /// all.
  virtual std::vector<int> layersToPreview() const { return {}; }
  /// Rows of a sample of the current trace: fewer where there are many layers. 0: all that the
  /// trace has.
  std::int64_t sampleRows(std::size_t layers = 0) const;
  /// Whether what is shown has this layer (index among the MoE layers): a preview may be limited to
  /// others.
  bool hasLayer(int moeLayer) const;
  /// The same; where it has not, another preview is made while the exact numbers go on being
  /// computed.
  bool needLayer(int moeLayer);
  /// The layers of the preview that is shown; empty: all.
  std::vector<int> previewLayers() const {
    return m_isPreview ? m_previewLayers : std::vector<int>();
  }
  /// Whether reading these rows takes so long that a sample of them comes first.
  bool isWorthAPreview(const jobs::RowFilter& rows) const;
  void updateFilterRow();
  /// Nothing of an analysis is shown any more: the next one is drawn even if it is the same.
  void forgetAnalysis();
  /// In place of the figure: no token passes the filter.
  void showNoTokens();
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
  void computeSample(); ///< of m_wanted, then the whole of it
  void compute();
  void fail(const base::Error& error);
  void accept(std::shared_ptr<const jobs::Analysis> analysis, bool isPreview = false);
  void setCurrent(FigurePanel* panel);
  QString describeFilter() const;

  QWidget* m_body;
  QVBoxLayout* m_bodyLayout;
  FilterRow* m_filterRow;
  NoteRow* m_noteRow;
  std::vector<FigurePanel*> m_panels;
  FigurePanel* m_current = nullptr;
  QToolButton* m_tableButton = nullptr;
  std::shared_ptr<const jobs::Analysis> m_analysis;
  ItemKey m_shownTrace = 0;
  bool m_isPreview = false;
  std::vector<int> m_previewLayers;             ///< of the preview shown; empty: all
  std::optional<jobs::AnalyzeOptions> m_wanted; ///< what is being computed, or sampled first
  quint64 m_asked = 0;              ///< computations so far: what an earlier one brings is dropped
  JobId m_job = 0, m_sampleJob = 0; ///< of the newest, and of its sample
};

} // namespace switchyard::studio
