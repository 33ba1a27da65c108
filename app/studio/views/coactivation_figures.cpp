#include "app/studio/views/coactivation_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include <QCoreApplication>

#include "app/studio/views/expert_metrics.h"

namespace switchyard::studio {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString tr(const char* text) {
  return QCoreApplication::translate("Coactivation", text);
}

/// Counts of one layer's pairs from P(j | i) and how often each expert is chosen.
struct Pair {
  double joint, i, j, tokens;
  double lift(double baseline) const { return joint * tokens / (i * j) / baseline; }
  double jaccard() const { return joint / (i + j - joint); }
  double phi() const {
    const double spread = std::sqrt(i * (tokens - i) * j * (tokens - j));
    return spread > 0 ? (joint * tokens - i * j) / spread : kNone;
  }
  double value(const QString& measure, double p, double baseline) const {
    if (!(i > 0) || !(j > 0))
      return kNone;
    return measure == "lift"      ? lift(baseline)
           : measure == "jaccard" ? jaccard()
           : measure == "phi"     ? phi()
                                  : p;
  }
};

/// How often each expert of a layer is chosen.
std::map<int, double> usesOf(const trace::AnalysisResult* load, int layer) {
  std::map<int, double> uses;
  const trace::Table* table = load ? tableOf(*load, "load_experts") : nullptr;
  if (!table)
    return uses;
  const auto l = static_cast<std::size_t>(columnOf(*table, "layer")),
             e = static_cast<std::size_t>(columnOf(*table, "expert"));
  const auto c = static_cast<std::size_t>(columnOf(*table, "count"));
  for (const auto& row : table->rows)
    if (numberOf(row[l]) == layer)
      uses[static_cast<int>(numberOf(row[e]))] = numberOf(row[c]);
  return uses;
}

std::function<QString(int)> pairNames(std::vector<int> experts, int layer) {
  return [experts = std::move(experts), layer](int item) {
    const int n = static_cast<int>(experts.size());
    const int a = experts[static_cast<std::size_t>(item / n)],
              b = experts[static_cast<std::size_t>(item % n)];
    return a == b ? QString("L%1 E%2").arg(layer).arg(a)
                  : QString("L%1 E%2 with E%3").arg(layer).arg(a).arg(b);
  };
}

/// Legend of a measure; returns its formula.
QString showMeasure(HeatmapSpec& spec, const PairMatrixChoice& choice, double baseline, int width) {
  if (choice.measure == "lift") {
    spec.measure = spec.unit = tr("lift");
    spec.format = ValueFormat::Times;
    spec.chance = 1;
    spec.domain = domainFor(spec.values, DomainRule::CoactivationLift);
    return tr("lift = P(i, j) / (P(i) P(j)) / %1 (its value under uniform top-%2 of %3)")
        .arg(baseline, 0, 'f', 3)
        .arg(choice.k)
        .arg(width);
  }
  if (choice.measure == "p")
    return tr("P(j | i) = N(i, j) / N(i)");
  const bool phi = choice.measure == "phi";
  spec.measure = spec.unit = phi ? tr("phi") : tr("Jaccard");
  spec.format = phi ? ValueFormat::Signed : ValueFormat::Plain;
  spec.chance.reset();
  spec.domain = domainFor(spec.values, phi ? DomainRule::Difference : DomainRule::Range,
                          phi ? std::optional(0.0) : std::nullopt);
  return phi ? tr("phi = correlation of the two choices") : tr("Jaccard = N(i, j) / N(i or j)");
}

/// The same order down and across: labels are sorted, not cells moved in rows.
void sortById(PairMatrix& matrix, std::vector<int>& experts) {
  const auto n = static_cast<int>(experts.size());
  std::vector<int> order(experts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](int i) { return experts[static_cast<std::size_t>(i)]; });
  const HeatmapSpec from = matrix.spec;
  const std::vector<int> unsorted = experts;
  HeatmapSpec& sorted = matrix.spec;
  for (int r = 0; r < n; ++r) {
    const int row = order[static_cast<std::size_t>(r)];
    sorted.rowLabels[r] = from.rowLabels.at(row);
    sorted.columnLabels[r] = from.columnLabels.at(row);
    experts[static_cast<std::size_t>(r)] = unsorted[static_cast<std::size_t>(row)];
    for (int c = 0; c < n; ++c) {
      const auto to = static_cast<std::size_t>(r * n + c),
                 source = static_cast<std::size_t>(row * n + order[static_cast<std::size_t>(c)]);
      sorted.values[to] = from.values[source];
      sorted.counts[to] = from.counts[source];
    }
  }
  sorted.trees.clear();
  sorted.columnTicks.clear();
}

/// The link of the figure with its experts in this order.
FigureLink linkOf(const trace::Figure& figure, const std::vector<int>& experts) {
  const auto& map = std::get<trace::Heatmap>(figure.content);
  trace::Heatmap axes;
  axes.x = map.x;
  for (std::size_t i = 0; i < experts.size(); ++i)
    axes.x.labels[i] = std::to_string(experts[i]);
  axes.y = {map.y.title, axes.x.labels};
  trace::Figure renamed;
  renamed.name = figure.name;
  renamed.content = std::move(axes);
  return studio::linkOf(renamed);
}

} // namespace

PairMatrix pairMatrix(const trace::Figure& figure, const trace::AnalysisResult* load,
                      const PairMatrixChoice& choice) {
  const auto& map = std::get<trace::Heatmap>(figure.content);
  PairMatrix matrix{.spec = heatmapSpec(figure, map), .link = {}, .formula = {}};
  HeatmapSpec& spec = matrix.spec;
  const auto n = static_cast<int>(map.x.labels.size());
  std::vector<int> experts;
  for (const std::string& label : map.x.labels)
    experts.push_back(std::atoi(label.c_str()));
  std::map<int, double> uses = usesOf(load, choice.layer);
  const double tokens = load ? static_cast<double>(load->provenance.tokens) : 0;
  // What uniform routing of k out of E gives for P(i, j) / (P(i) P(j)).
  const int width = choice.experts > 0 ? choice.experts : n, k = choice.k;
  const double baseline = width > 1 && k > 1 ? static_cast<double>(k - 1) * width /
                                                   (static_cast<double>(k) * (width - 1))
                                             : 1;
  spec.counts.assign(spec.values.size(), 0);
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) {
      const auto at = static_cast<std::size_t>(r * n + c);
      if (r == c) {
        spec.values[at] = kNone;
        continue;
      }
      const double i = uses[experts[static_cast<std::size_t>(r)]],
                   j = uses[experts[static_cast<std::size_t>(c)]];
      const Pair pair{spec.values[at] * i, i, j, tokens};
      if (std::isfinite(pair.joint))
        spec.counts[at] = std::llround(pair.joint);
      spec.values[at] = pair.value(choice.measure, spec.values[at], baseline);
    }
  spec.total = static_cast<std::int64_t>(tokens);
  matrix.formula = showMeasure(spec, choice, baseline, width);
  spec.matrix = true;
  spec.noDataMeaning = tr("not defined");
  spec.title = tr("Chosen together, L%1").arg(choice.layer);
  if (choice.byId) {
    sortById(matrix, experts);
    matrix.link = linkOf(figure, experts);
  } else {
    matrix.link = studio::linkOf(figure);
    matrix.formula += tr("; clusters: average linkage, 1 − Jaccard");
  }
  spec.name = pairNames(std::move(experts), choice.layer);
  return matrix;
}

LayerFlow layerFlow(const trace::Figure& figure, const std::vector<int>& layers, int from) {
  const auto& whole = std::get<trace::Flow>(figure.content);
  LayerFlow made;
  trace::Flow flow;
  flow.unit = whole.unit;
  std::vector<int> place(whole.nodes.size(), -1);
  for (std::size_t n = 0; n < whole.nodes.size(); ++n) {
    const int column = whole.nodes[n].column;
    if (column != from && column != from + 1)
      continue;
    place[n] = static_cast<int>(flow.nodes.size());
    const QString label = QString::fromStdString(whole.nodes[n].label);
    bool isNumber = false;
    const int expert = label.section(' ', -1).remove('E').toInt(&isNumber);
    made.experts.push_back(isNumber ? ExpertKey{layers[static_cast<std::size_t>(column)], expert}
                                    : ExpertKey{-1, -1});
    flow.nodes.push_back(
        {isNumber ? "E" + std::to_string(expert) : tr("other").toStdString(), column});
  }
  for (const trace::Flow::Link& link : whole.links)
    if (place[static_cast<std::size_t>(link.from)] >= 0 &&
        place[static_cast<std::size_t>(link.to)] >= 0)
      flow.links.push_back({place[static_cast<std::size_t>(link.from)],
                            place[static_cast<std::size_t>(link.to)], link.amount});
  made.spec = flowSpec(figure, flow);
  const QString first = QString("L%1").arg(layers[static_cast<std::size_t>(from)]);
  const QString next = QString("L%1").arg(layers[static_cast<std::size_t>(from) + 1]);
  made.spec.title = tr("First choices, %1 to %2").arg(first, next);
  made.spec.columnTitles = {tr("%1, 1st choice").arg(first), tr("%1, 1st choice").arg(next)};
  made.heading = tr("%1 to %2").arg(first, next);
  made.link.expertsOf = [experts = made.experts, links = flow.links](int item) {
    std::vector<ExpertKey> ends;
    for (const int node :
         {links[static_cast<std::size_t>(item)].from, links[static_cast<std::size_t>(item)].to})
      if (const ExpertKey& expert = experts[static_cast<std::size_t>(node)]; expert.layer >= 0)
        ends.push_back(expert);
    return ends;
  };
  return made;
}

} // namespace switchyard::studio
