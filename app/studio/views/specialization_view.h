#pragma once

#include "app/studio/views/analysis_view.h"
#include "app/studio/views/small_samples.h"
#include "app/studio/views/token_rows.h"

class QComboBox;
class QLabel;

namespace switchyard::studio {

/// Which text goes where: labels by experts of one layer, and the tokens of the primary expert.
class SpecializationView : public AnalysisView {
  Q_OBJECT
public:
  SpecializationView(Workbench& workbench, const QString& id, const QString& title);

  int layer() const;
  void setLayer(int layer);
  void setMeasure(const QString& measure); ///< "share", "lift", "label"
  ResultTableView* tokenTable() const { return m_tokens; }
  bool handles(const QString& actionId) const override;
  void command(const QString& actionId) override;

protected:
  jobs::AnalyzeOptions options(const Item& trace) override;
  std::vector<int> layersToPreview() const override;
  void showAnalysis() override;
  void showNothing() override;
  QString caution() const override;
  QString resultName() const override { return tr("specialization"); }
  void saveChoices(QVariantMap& choices) const override;
  void restoreChoices(const QVariantMap& choices) override;

private:
  void draw();
  void drawTokens();
  void fetchTexts();

  QComboBox* m_layer;
  QComboBox* m_labels;
  QComboBox* m_measure;
  QComboBox* m_order;
  FigurePanel* m_panel;
  std::vector<LabelDocuments> m_documents; ///< of each label
  QLabel* m_tokenTitle;
  ResultTableView* m_tokens;
  PieceTexts m_texts;
  QString m_textsOf; ///< model folder the texts are of
};

} // namespace switchyard::studio
