#pragma once

#include "app/studio/views/analysis_view.h"

class QComboBox;

namespace switchyard::studio {

/// Who is chosen together: one layer's matrix with its tree, and where first choices go from the
/// layer before.
class CoactivationView : public AnalysisView {
  Q_OBJECT
public:
  CoactivationView(Workbench& workbench, const QString& id, const QString& title);

  int layer() const;
  void setLayer(int layer);
  void setMeasure(const QString& measure); ///< "lift", "p", "jaccard", "phi"
  bool handles(const QString& actionId) const override;
  void command(const QString& actionId) override;

protected:
  jobs::AnalyzeOptions options(const Item& trace) override;
  std::vector<int> layersToPreview() const override;
  void showAnalysis() override;
  QString resultName() const override { return tr("co-activation"); }
  void saveChoices(QVariantMap& choices) const override;
  void restoreChoices(const QVariantMap& choices) override;

private:
  void draw();
  void drawMatrix(const trace::Figure& figure);
  void drawFlow();
  void highlightFlow();

  QComboBox* m_layer;
  QComboBox* m_measure;
  QComboBox* m_order;
  FigurePanel* m_matrix;
  FigurePanel* m_flow;
  std::vector<ExpertKey> m_flowExperts; ///< of each node of the flow
};

} // namespace switchyard::studio
