// What the session keeps of a view over analyses: its choices, and the scales of its figures.

#include <map>

#include <QJsonDocument>
#include <QJsonObject>

#include "app/studio/views/analysis_view.h"

namespace switchyard::studio {

namespace {

QVariantMap asMap(const std::map<QString, ScaleEnds>& scales) {
  QVariantMap map;
  for (const auto& [measure, ends] : scales)
    map[measure] = QVariantList{ends.low, ends.high, ends.inverted};
  return map;
}

std::map<QString, ScaleEnds> scalesOf(const QVariantMap& map) {
  std::map<QString, ScaleEnds> scales;
  for (auto entry = map.begin(); entry != map.end(); ++entry)
    if (const QVariantList ends = entry->toList(); ends.size() == 3)
      scales[entry.key()] = {ends[0].toDouble(), ends[1].toDouble(), ends[2].toBool()};
  return scales;
}

} // namespace

QString AnalysisView::saveState() const {
  QVariantMap choices;
  saveChoices(choices);
  QVariantList scales;
  for (const FigurePanel* panel : m_panels)
    scales.push_back(asMap(panel->scales()));
  choices["scales"] = scales;
  return QString::fromUtf8(
      QJsonDocument(QJsonObject::fromVariantMap(choices)).toJson(QJsonDocument::Compact));
}

void AnalysisView::restoreState(const QString& json) {
  const QVariantMap choices = QJsonDocument::fromJson(json.toUtf8()).object().toVariantMap();
  restoreChoices(choices);
  const QVariantList scales = choices["scales"].toList();
  for (std::size_t i = 0; i < m_panels.size(); ++i)
    m_panels[i]->setScales(scalesOf(scales.value(static_cast<qsizetype>(i)).toMap()));
  recompute();
}

} // namespace switchyard::studio
