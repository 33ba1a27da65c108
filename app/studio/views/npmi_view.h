#pragma once

#include "app/studio/views/analysis_view.h"

class QComboBox;
class QLineEdit;
class QPushButton;

namespace switchyard::studio {

/// Which experts go with marker tokens: ranking with support and p, dot plot, and the step that
/// boosts the strongest two.
class NpmiView : public AnalysisView {
  Q_OBJECT
public:
  NpmiView(Workbench& workbench, const QString& id, const QString& title);
  ~NpmiView() override;

  void setMarkers(const QString& markers); ///< "<think>=1, wait=0.5"
  ResultTableView* ranking() const { return m_ranking; }
  QPushButton* boostButton() const { return m_boost; }
  /// The experts that "Boost the top 2" means: supported ones by score.
  std::vector<ExpertKey> recommended() const;

protected:
  jobs::AnalyzeOptions options(const Item& trace) override;
  void showAnalysis() override;
  void showNothing() override;
  QString resultName() const override { return tr("nPMI"); }
  void saveChoices(QVariantMap& choices) const override;
  void restoreChoices(const QVariantMap& choices) override;

private:
  QLineEdit* m_markers;
  QComboBox* m_position;
  QPushButton* m_boost;
  FigurePanel* m_panel;
  ResultTableView* m_ranking;
  std::vector<ExpertKey> m_experts; ///< of the ranking's rows
};

} // namespace switchyard::studio
