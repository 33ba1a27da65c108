#pragma once

#include "app/jobs/load_pyramid.h"
#include "app/studio/views/analysis_view.h"
#include "app/studio/views/expert_metrics.h"

class QComboBox;

namespace switchyard::studio {

/// Which experts does this text use: any metric of any result by layer and expert.
class ExpertsView : public AnalysisView {
  Q_OBJECT
public:
  ExpertsView(Workbench& workbench, const QString& id, const QString& title);

  QString metric() const;
  void setMetric(const QString& metricId);
  void setOrder(const QString& order);   ///< "id", "value", "cluster", "pinned"
  void setFilter(const QString& filter); ///< "all", "selected", "busy"
  QStringList metrics() const;
  bool showsPreview() const { return m_preview.has_value(); }

protected:
  jobs::AnalyzeOptions options(const Item& trace) override;
  void showAnalysis() override;
  QString caution() const override;
  bool preview(const jobs::RowFilter& rows) override;
  QString resultName() const override { return tr("load"); }
  void saveChoices(QVariantMap& choices) const override;
  void restoreChoices(const QVariantMap& choices) override;

private:
  void collectMetrics();
  void buildPyramid();
  void draw();
  /// Order (other than by clusters) and filter of the experts.
  void arrange(HeatmapSpec& spec, const QString& order) const;
  /// profiles: what rows are clustered by; empty: not.
  void showSpec(HeatmapSpec spec, std::vector<std::vector<double>> profiles, FigureLink link);

  QComboBox* m_metric;
  QComboBox* m_order;
  QComboBox* m_filter;
  FigurePanel* m_panel;
  ExpertGrid m_grid;
  std::vector<ExpertMetric> m_metrics;
  QString m_wantedMetric = "load/load_experts/lift";
  QString m_labelKey;
  quint64 m_drawn = 0; ///< figures asked for: one that is clustered too late is dropped
  std::shared_ptr<const jobs::LoadPyramid> m_pyramid; ///< of m_pyramidOf, once it is built
  ItemKey m_pyramidOf = 0;
  std::optional<jobs::LoadPyramid::Counts> m_preview; ///< shown until the exact result is there
};

} // namespace switchyard::studio
