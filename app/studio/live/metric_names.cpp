#include "app/studio/live/metric_names.h"

#include <cmath>

#include <QCoreApplication>

namespace switchyard::studio {

namespace {
QString tr(const char* text) {
  return QCoreApplication::translate("TokenMetric", text);
}
} // namespace

QString metricName(TokenMetric metric) {
  switch (metric) {
  case TokenMetric::TopGate:
    return tr("top-1 gate");
  case TokenMetric::Entropy:
    return tr("entropy");
  case TokenMetric::Margin:
    return tr("margin");
  case TokenMetric::Expert:
    return tr("expert id");
  case TokenMetric::Npmi:
    return tr("nPMI");
  case TokenMetric::Agreement:
    return tr("agreement with base");
  }
  return {};
}

QString metricName(TokenMetric metric, std::optional<std::size_t> moeLayer,
                   const TrackShape& shape) {
  if (!moeLayer && metric == TokenMetric::Expert)
    moeLayer = 0;
  if (!moeLayer)
    return tr("%1, mean of layers").arg(metricName(metric));
  const int layer = *moeLayer < shape.layers.size() ? shape.layers[*moeLayer].layer : 0;
  return QString("%1, L%2").arg(metricName(metric)).arg(layer);
}

QString metricText(float value) {
  if (std::isnan(value))
    return tr("not known");
  const bool whole = value >= 1.5f && value == std::round(value);
  return QString::number(static_cast<double>(value), 'f', whole ? 0 : 2);
}

QString metricMissing(TokenMetric metric, const TrackShape& shape, bool hasNpmi) {
  switch (metric) {
  case TokenMetric::TopGate:
    return shape.weights ? QString() : tr("needs gate weights, not in this trace");
  case TokenMetric::Entropy:
  case TokenMetric::Margin:
    return shape.logits ? QString() : tr("needs router logits, not in this trace");
  case TokenMetric::Npmi:
    return hasNpmi ? QString() : tr("needs a result of the nPMI analysis");
  case TokenMetric::Agreement:
    return shape.agreement ? QString()
                           : tr("needs a recipe: it compares with the model's own choices");
  case TokenMetric::Expert:
    break;
  }
  return {};
}

} // namespace switchyard::studio
