#pragma once

#include <map>

#include "app/studio/views/aligned_tokens.h"
#include "app/studio/views/analysis_view.h"
#include "app/studio/views/comparison_figures.h"

class QCheckBox;
class QComboBox;
class QLabel;

namespace switchyard::studio {

/// What differs between two traces of the same tokens: loads side by side or as a difference map,
/// agreement per layer and label, aligned tokens, largest changes. Until somebody chooses, A and B
/// are the first two traces that align. Compare and Agreement are this view with other figures in
/// front.
class CompareView : public AnalysisView {
  Q_OBJECT
public:
  CompareView(Workbench& workbench, const QString& id, const QString& title);

  void refresh() override;
  void setTraces(ItemKey a, ItemKey b);
  void swap();
  void setValue(CompareValue value);
  void setNormalised(bool normalised);
  void setAt(int choices); ///< agreement of the first so many choices; 0: as many as both make
  std::pair<ItemKey, ItemKey> traces() const; ///< A and B; 0: none
  const std::shared_ptr<const jobs::TraceComparison>& comparison() const { return m_comparison; }
  QString headline() const; ///< agreement and aligned tokens, as shown

protected:
  jobs::AnalyzeOptions options(const Item&) override { return {}; }
  void showAnalysis() override {}
  void showNothing() override;
  bool followsFilter() const override { return isOfA() || isOfB(); }
  QString caution() const override;
  void saveChoices(QVariantMap& choices) const override;
  void restoreChoices(const QVariantMap& choices) override;
  /// Puts the parts where they go; Agreement shows others than Compare.
  void addDifferenceParts();
  void addAgreementParts();
  virtual void draw();

  QComboBox* m_a;
  QComboBox* m_b;

private:
  void listTraces();
  void listChoices();
  /// The first two traces that look aligned, the current one before others; else the first two.
  std::pair<ItemKey, ItemKey> defaultPair();
  bool looksAligned(ItemKey a, ItemKey b);
  void chosen();
  std::vector<StateAction> emptyActions();
  void compare();
  void compare(jobs::CompareOptions asked, bool exactFollows);
  bool isOfA() const { return traces().first == traceKey(); } ///< the filter's rows are A's
  bool isOfB() const { return !isOfA() && traces().second == traceKey(); }
  /// The filter, if A or B is the current trace: its rows are counted.
  jobs::RowFilter wantedRows() const;
  void accept();
  void showMisaligned();
  void showDocument();

  QComboBox* m_at;
  QComboBox* m_values = nullptr;
  QCheckBox* m_normalise = nullptr;
  QLabel* m_headline;
  FigurePanel* m_map = nullptr;
  FigurePanel* m_agreement = nullptr;
  FigurePanel* m_byLabel = nullptr;
  QComboBox* m_document = nullptr;
  AlignedTokens* m_tokens = nullptr;
  quint64 m_tokensAsked =
      0; ///< times so far: tokens that were read for another document are dropped
  ResultTableView* m_changes = nullptr;
  std::shared_ptr<const jobs::TraceComparison> m_comparison;
  std::pair<ItemKey, ItemKey> m_shown{0, 0};
  int m_shownAt = 0;           ///< as asked for
  jobs::RowFilter m_shownRows; ///< as asked for, without the sample of a preview
  bool m_shownRowsAreOfB = false;
  bool m_comparesSample = false;                         ///< what is shown is a preview
  bool m_isChosen = false;                               ///< somebody chose the traces: they stay
  std::map<std::pair<ItemKey, ItemKey>, bool> m_aligned; ///< what looksAligned() found
  bool m_partsAccepted = false; ///< compare the documents that align, though not all do
};

/// Agreement@k of two traces per layer and label, with intervals and chance, and its tokens.
class AgreementView : public CompareView {
  Q_OBJECT
public:
  AgreementView(Workbench& workbench, const QString& id, const QString& title);
};

} // namespace switchyard::studio
