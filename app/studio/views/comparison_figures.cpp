#include "app/studio/views/comparison_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <QCoreApplication>

#include "app/studio/document/label_groups.h"

namespace switchyard::studio {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString tr(const char* text) {
  return QCoreApplication::translate("Comparison", text);
}

std::pair<double, double> intervalOf(const jobs::Estimate& estimate) {
  return estimate.interval.value_or(std::pair(kNone, kNone));
}

} // namespace

ChartSpec agreementChart(const jobs::TraceComparison& comparison) {
  ChartSpec spec;
  const int k = comparison.at;
  spec.title = tr("Agreement at %1").arg(k);
  spec.look = ChartLook::Dots;
  spec.xTitle = tr("layer");
  spec.yTitle = tr("agreement at %1").arg(k);
  ChartSeries series;
  series.name = spec.title;
  double chance = 0;
  for (std::size_t layer = 0; layer < comparison.layers.size(); ++layer) {
    spec.categories << QString("L%1").arg(comparison.layers[layer].layer);
    series.x.push_back(static_cast<double>(layer));
    series.y.push_back(comparison.agreement[layer].value);
    series.intervals.push_back(intervalOf(comparison.agreement[layer]));
    chance += comparison.chance(layer) / static_cast<double>(comparison.layers.size());
  }
  spec.series = {std::move(series)};
  spec.reference = chance;
  spec.referenceLabel = tr("chance");
  spec.origin =
      tr("%1 aligned tokens")
          .arg(valueText(static_cast<double>(comparison.alignedTokens), ValueFormat::Count));
  return spec;
}

trace::Table agreementTable(const jobs::TraceComparison& comparison) {
  trace::Table table;
  table.name = "agreement";
  table.columns = {{"layer", "", ""},
                   {"agreement", "", "mean |first m of A and first m of B| / m"},
                   {"low", "", "Lower end of the 95 % interval."},
                   {"high", "", ""},
                   {"same_first_choice", "", "Share of tokens."},
                   {"JS_of_load", "bit", "Jensen-Shannon divergence of the two loads."}};
  const auto cell = [](double v) { return std::isfinite(v) ? trace::Cell(v) : trace::Cell(); };
  for (std::size_t layer = 0; layer < comparison.layers.size(); ++layer) {
    const auto interval = intervalOf(comparison.agreement[layer]);
    table.rows.push_back({trace::Cell(static_cast<std::int64_t>(comparison.layers[layer].layer)),
                          cell(comparison.agreement[layer].value), cell(interval.first),
                          cell(interval.second), cell(comparison.firstChoice[layer]),
                          cell(comparison.jsDivergence[layer])});
  }
  return table;
}

HeatmapSpec agreementByLabel(const jobs::TraceComparison& comparison) {
  HeatmapSpec spec;
  spec.title = tr("Agreement by label");
  spec.measure = tr("agreement");
  spec.unit = tr("agreement");
  spec.columnTitle = tr("layer");
  for (const std::string& label : comparison.labels)
    spec.rowLabels << QString::fromStdString(label);
  for (const trace::LayerInfo& layer : comparison.layers)
    spec.columnLabels << QString("L%1").arg(layer.layer);
  spec.values = comparison.byLabel;
  spec.rowGroups = groupLabels(spec.rowLabels).group;
  spec.domain = domainFor(spec.values, DomainRule::Range);
  spec.domain.low = 0.5;
  spec.domain.high = 1;
  spec.domain.clampsLow = std::ranges::any_of(spec.values, [](double v) { return v < 0.5; });
  spec.format = ValueFormat::Rate;
  spec.cellValues = true;
  return spec;
}

HeatmapSpec loadMap(const jobs::TraceComparison& comparison, CompareValue value, bool normalise) {
  HeatmapSpec spec;
  const int columns = comparison.experts;
  const auto rows = static_cast<int>(comparison.layers.size());
  spec.columnTitle = tr("expert");
  for (const trace::LayerInfo& layer : comparison.layers)
    spec.rowLabels << QString("L%1").arg(layer.layer);
  for (int expert = 0; expert < columns; ++expert)
    spec.columnLabels << QString::number(expert);
  std::vector<double> a = comparison.loadA, b = comparison.loadB;
  if (normalise)
    for (std::vector<double>* loads : {&a, &b})
      for (int row = 0; row < rows; ++row) {
        double largest = 0;
        for (int c = 0; c < columns; ++c)
          if (const double v = (*loads)[static_cast<std::size_t>(row * columns + c)];
              std::isfinite(v))
            largest = std::max(largest, v);
        for (int c = 0; c < columns; ++c)
          (*loads)[static_cast<std::size_t>(row * columns + c)] /= largest > 0 ? largest : 1;
      }
  std::vector<double> both = a;
  both.insert(both.end(), b.begin(), b.end());
  const bool ofOne = value == CompareValue::A || value == CompareValue::B;
  spec.unit = normalise ? tr("share of the layer's largest")
              : ofOne   ? tr("share of fair share")
                        : tr("in fair shares");
  if (ofOne) {
    // One map for both sides, chosen from both.
    spec.title = value == CompareValue::A ? tr("Load, A") : tr("Load, B");
    spec.measure = tr("load");
    spec.values = value == CompareValue::A ? a : b;
    spec.format = normalise ? ValueFormat::Percent : ValueFormat::Times;
    spec.domain = domainFor(both, normalise ? DomainRule::Probability : DomainRule::Load);
  } else if (value == CompareValue::Ratio) {
    spec.title = tr("Load, B / A");
    spec.measure = tr("B / A");
    spec.unit = tr("times A");
    for (std::size_t i = 0; i < a.size(); ++i)
      spec.values.push_back(a[i] > 0 ? b[i] / a[i] : kNone);
    spec.format = ValueFormat::Times;
    spec.chance = 1;
    spec.domain = domainFor(spec.values, DomainRule::Lift);
  } else {
    spec.title = tr("Load, B − A");
    spec.measure = tr("B − A");
    for (std::size_t i = 0; i < a.size(); ++i)
      spec.values.push_back(b[i] - a[i]);
    spec.format = ValueFormat::Signed;
    spec.domain = domainFor(spec.values, DomainRule::Difference);
    if (!normalise) {
      spec.intervals = comparison.difference;
      for (const auto& [low, high] : comparison.difference)
        spec.dots.push_back(low <= 0 && 0 <= high ? 1 : 0);
      spec.dotMeaning = tr("interval contains 0");
    }
  }
  spec.name = [layers = comparison.layers, columns](int item) {
    return QString("L%1 E%2")
        .arg(layers[static_cast<std::size_t>(item / columns)].layer)
        .arg(item % columns);
  };
  spec.origin =
      tr("%1 aligned tokens")
          .arg(valueText(static_cast<double>(comparison.alignedTokens), ValueFormat::Count));
  return spec;
}

FigureLink loadLink(const jobs::TraceComparison& comparison) {
  FigureLink link;
  link.expertsOf = [layers = comparison.layers,
                    columns = comparison.experts](int item) -> std::vector<ExpertKey> {
    return {{layers[static_cast<std::size_t>(item / columns)].layer, item % columns}};
  };
  link.itemsOf = [layers = comparison.layers,
                  columns = comparison.experts](const ExpertKey& expert) -> std::vector<int> {
    const auto found = std::ranges::find(layers, expert.layer, &trace::LayerInfo::layer);
    if (found == layers.end() || expert.expert >= columns)
      return {};
    return {static_cast<int>(found - layers.begin()) * columns + expert.expert};
  };
  return link;
}

trace::Table largestChanges(const jobs::TraceComparison& comparison) {
  trace::Table table;
  table.name = "largest_changes";
  table.columns = {{"expert", "", ""},
                   {"A", "times", "Load in A, times fair share."},
                   {"B", "times", "Load in B."},
                   {"B - A", "", ""},
                   {"low", "", "Lower end of the 95 % interval."},
                   {"high", "", ""}};
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < comparison.loadA.size(); ++i)
    if (std::isfinite(comparison.loadA[i]) && std::isfinite(comparison.loadB[i]))
      order.push_back(i);
  std::ranges::stable_sort(order, [&](std::size_t x, std::size_t y) {
    return std::fabs(comparison.loadB[x] - comparison.loadA[x]) >
           std::fabs(comparison.loadB[y] - comparison.loadA[y]);
  });
  const auto cell = [](double v) { return std::isfinite(v) ? trace::Cell(v) : trace::Cell(); };
  for (const std::size_t i : order) {
    const auto columns = static_cast<std::size_t>(comparison.experts);
    const ExpertKey expert{comparison.layers[i / columns].layer, static_cast<int>(i % columns)};
    table.rows.push_back(
        {trace::Cell(toText(expert).toStdString()), cell(comparison.loadA[i]),
         cell(comparison.loadB[i]), cell(comparison.loadB[i] - comparison.loadA[i]),
         cell(comparison.difference[i].first), cell(comparison.difference[i].second)});
  }
  return table;
}

QString agreementFormula(const jobs::TraceComparison& comparison) {
  QString text = tr("agreement at %1 = |A ∩ B| / %1 of the first %1 choices per token and layer")
                     .arg(comparison.at);
  if (comparison.overall.interval)
    text += tr("; intervals: resamples of documents");
  else
    text += tr("; no intervals");
  return text;
}

} // namespace switchyard::studio
