#include "app/studio/views/label_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include <QCoreApplication>

#include "app/studio/document/label_groups.h"
#include "app/studio/views/expert_metrics.h"
#include "app/studio/views/expert_order.h"
#include "app/studio/views/figure_panel.h"

namespace switchyard::studio {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString tr(const char* text) {
  return QCoreApplication::translate("LabelMap", text);
}

/// Numbers of one layer, [labels * experts].
struct Cells {
  int rows = 0, columns = 0;
  QStringList labels;
  std::vector<double> lifts, shares;
  std::vector<std::pair<double, double>> intervals; ///< of the shares; NaN: too few documents
  std::vector<std::int64_t> counts;
  std::size_t size() const { return lifts.size(); }
};

/// Shares, their intervals and counts from the table: the figure has lifts only.
std::map<std::string, qint64> readTable(const trace::Table& table, int layer,
                                        const std::vector<std::string>& labels, Cells& cells) {
  std::map<std::string, int> rowOf;
  for (int r = 0; r < cells.rows; ++r)
    rowOf[labels[static_cast<std::size_t>(r)]] = r;
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::max(0, columnOf(table, name)));
  };
  const std::size_t l = column("layer"), e = column("expert"), label = column("label"),
                    share = column("share"), low = column("share_low"), high = column("share_high"),
                    count = column("count");
  const int documents = columnOf(table, "documents");
  std::map<std::string, qint64> documentsOf;
  for (const auto& row : table.rows) {
    if (numberOf(row[l]) != layer)
      continue;
    const auto at = rowOf.find(textOf(row[label]));
    const double expert = numberOf(row[e]);
    if (at == rowOf.end() || !(expert >= 0 && expert < cells.columns))
      continue;
    const std::size_t cell =
        static_cast<std::size_t>(at->second * cells.columns) + static_cast<std::size_t>(expert);
    cells.shares[cell] = numberOf(row[share]);
    const qint64 carry =
        documents < 0 ? kFewestDocuments
                      : static_cast<qint64>(numberOf(row[static_cast<std::size_t>(documents)]));
    documentsOf[at->first] = carry;
    if (carry >= kFewestDocuments)
      cells.intervals[cell] = {numberOf(row[low]), numberOf(row[high])};
    cells.counts[cell] = static_cast<std::int64_t>(numberOf(row[count]));
  }
  return documentsOf;
}

void groupRows(Cells& cells) {
  const std::vector<int> group = groupLabels(cells.labels).group;
  std::vector<int> order(static_cast<std::size_t>(cells.rows));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int r) { return group[static_cast<std::size_t>(r)]; });
  const auto reorder = [&](auto& values) {
    auto sorted = values;
    for (int r = 0; r < cells.rows; ++r)
      std::copy_n(values.begin() + order[static_cast<std::size_t>(r)] * cells.columns,
                  cells.columns, sorted.begin() + r * cells.columns);
    values = std::move(sorted);
  };
  reorder(cells.lifts);
  reorder(cells.shares);
  reorder(cells.intervals);
  reorder(cells.counts);
  const QStringList labels = cells.labels;
  for (int r = 0; r < cells.rows; ++r)
    cells.labels[r] = labels.at(order[static_cast<std::size_t>(r)]);
}

/// Share of each expert's labelled tokens that carry the label.
std::vector<double> sharesOfLabels(const Cells& cells) {
  std::vector<double> values(cells.size());
  for (int c = 0; c < cells.columns; ++c) {
    double all = 0;
    for (int r = 0; r < cells.rows; ++r)
      all += static_cast<double>(cells.counts[static_cast<std::size_t>(r * cells.columns + c)]);
    for (int r = 0; r < cells.rows; ++r) {
      const auto at = static_cast<std::size_t>(r * cells.columns + c);
      values[at] = all > 0 ? static_cast<double>(cells.counts[at]) / all : kNone;
    }
  }
  return values;
}

/// Values, intervals and legend of a measure; returns its formula.
QString showMeasure(HeatmapSpec& spec, const Cells& cells, const LabelMapChoice& choice,
                    double chance) {
  if (choice.measure == "share") {
    spec.values = cells.shares;
    spec.intervals = cells.intervals;
    spec.measure = spec.unit = tr("P(expert | label)");
    spec.format = ValueFormat::Percent;
    spec.chance = chance;
    spec.domain = domainFor(spec.values, DomainRule::Probability, chance);
    return tr("P(e | label) = share of the label's tokens with e in their top-%1; 95 % intervals: "
              "resamples of documents within a label")
        .arg(choice.k);
  }
  if (choice.measure == "lift") {
    spec.values = cells.lifts;
    spec.intervals = cells.intervals;
    for (auto& [from, to] : spec.intervals) {
      from /= chance;
      to /= chance;
    }
    spec.measure = spec.unit = tr("lift");
    spec.format = ValueFormat::Times;
    spec.domain = domainFor(spec.values, DomainRule::Lift);
    return tr("lift = P(e | label) / (k / E)");
  }
  spec.values = sharesOfLabels(cells);
  spec.dots.clear();
  spec.measure = spec.unit = tr("P(label | expert)");
  spec.format = ValueFormat::Percent;
  spec.chance.reset();
  spec.domain = domainFor(spec.values, DomainRule::Probability);
  return tr("P(label | e) = share of the expert's labelled tokens");
}

} // namespace

std::optional<LabelMap> labelMap(const trace::AnalysisResult& specialization,
                                 const LabelMapChoice& choice) {
  const trace::Figure* figure =
      figureOf(specialization, "specialization_layer_" + std::to_string(choice.layer));
  const trace::Table* table = tableOf(specialization, "specialization_labels");
  if (!figure || !table)
    return std::nullopt;
  const auto& map = std::get<trace::Heatmap>(figure->content);
  LabelMap made;
  HeatmapSpec& spec = made.spec;
  spec = heatmapSpec(*figure, map);
  Cells cells{.rows = static_cast<int>(map.y.labels.size()),
              .columns = static_cast<int>(map.x.labels.size()),
              .labels = spec.rowLabels,
              .lifts = spec.values,
              .shares = spec.values,
              .intervals = {},
              .counts = {}};
  const double chance = static_cast<double>(choice.k) / cells.columns;
  for (double& share : cells.shares)
    share *= chance;
  cells.intervals.assign(cells.size(), {kNone, kNone});
  cells.counts.assign(cells.size(), 0);
  for (const auto& [name, carry] : readTable(*table, choice.layer, map.y.labels, cells))
    made.documents.emplace_back(QString::fromStdString(name), carry);
  groupRows(cells);
  spec.rowLabels = cells.labels;
  spec.counts = cells.counts;
  spec.dots.assign(cells.size(), 0);
  for (std::size_t i = 0; i < cells.size(); ++i)
    spec.dots[i] =
        cells.intervals[i].first <= chance && chance <= cells.intervals[i].second ? 1 : 0;
  spec.dotMeaning = tr("interval contains chance, %1").arg(valueText(chance, ValueFormat::Percent));
  made.formula = showMeasure(spec, cells, choice, chance);
  spec.rowGroups = groupLabels(spec.rowLabels).group;
  if (choice.clusterExperts) {
    std::vector<double> profile;
    for (int c = 0; c < cells.columns; ++c)
      for (int r = 0; r < cells.rows; ++r)
        profile.push_back(std::log2(
            std::max(cells.lifts[static_cast<std::size_t>(r * cells.columns + c)], 1.0 / 16)));
    ExpertOrder clustered = orderByCluster({profile}, 1, cells.columns);
    spec.order = std::move(clustered.order);
    spec.trees = std::move(clustered.trees);
    made.formula += tr("; clusters: average linkage on log₂ lift");
  }
  spec.title = tr("Labels × experts, L%1").arg(choice.layer);
  spec.name = [labels = spec.rowLabels, columns = cells.columns, layer = choice.layer](int item) {
    return QString("%1 → L%2 E%3").arg(labels.value(item / columns)).arg(layer).arg(item % columns);
  };
  return made;
}

} // namespace switchyard::studio
