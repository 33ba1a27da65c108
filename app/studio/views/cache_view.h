#pragma once

#include "app/studio/views/analysis_view.h"

class QComboBox;

namespace switchyard::studio {

/// Hit rate over cache size, one line per policy, Belady's optimum dashed, the working set marked.
class CacheView : public AnalysisView {
  Q_OBJECT
public:
  CacheView(Workbench& workbench, const QString& id, const QString& title);

protected:
  jobs::AnalyzeOptions options(const Item& trace) override;
  jobs::AnalyzeOptions previewOf(jobs::AnalyzeOptions asked) const override;
  void showAnalysis() override;
  QString resultName() const override { return tr("expert cache"); }
  void saveChoices(QVariantMap& choices) const override;
  void restoreChoices(const QVariantMap& choices) override;

private:
  /// All policies at about so many capacities from k to all but one expert.
  jobs::AnalysisRequest request(const Item& trace, int capacities) const;

  QComboBox* m_scope;
  QComboBox* m_step;
  FigurePanel* m_panel;
};

} // namespace switchyard::studio
