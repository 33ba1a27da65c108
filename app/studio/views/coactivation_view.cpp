#include "app/studio/views/coactivation_view.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <QComboBox>
#include <QSignalBlocker>
#include <QSplitter>

#include "app/studio/views/expert_metrics.h"

namespace switchyard::studio {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Counts of one layer's pairs from P(j | i) and how often each expert is chosen.
struct Pair {
  double joint, i, j, tokens;
  double lift(double baseline) const { return joint * tokens / (i * j) / baseline; }
  double jaccard() const { return joint / (i + j - joint); }
  double phi() const {
    const double spread = std::sqrt(i * (tokens - i) * j * (tokens - j));
    return spread > 0 ? (joint * tokens - i * j) / spread : kNone;
  }
};

} // namespace

CoactivationView::CoactivationView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_layer(new QComboBox), m_measure(new QComboBox),
      m_order(new QComboBox), m_matrix(makePanel()), m_flow(makePanel()) {
  m_measure->addItem(tr("lift over chance"), "lift");
  m_measure->addItem(tr("P(j | i)"), "p");
  m_measure->addItem(tr("Jaccard"), "jaccard");
  m_measure->addItem(tr("phi"), "phi");
  m_order->addItem(tr("dendrogram"), "tree");
  m_order->addItem(tr("expert id"), "id");
  addControl(tr("Layer"), m_layer);
  addControl(tr("Measure"), m_measure);
  addControl(tr("Order"), m_order);
  addFigureButtons();
  m_matrix->setHeading(tr("Chosen together"));
  m_flow->setHeading(tr("First choices"));
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(m_matrix);
  split->addWidget(m_flow);
  split->setSizes({530, 278});
  split->setStretchFactor(0, 2);
  split->setStretchFactor(1, 1);
  setContent(split);
  for (QComboBox* box : {m_layer, m_measure, m_order})
    connect(box, &QComboBox::currentIndexChanged, this, &CoactivationView::draw);
  connect(&workbench.selection(), &Selection::expertsChanged, this, [this] {
    // A layer chosen elsewhere comes here, too.
    const auto primary = this->workbench().selection().primaryExpert();
    if (primary && isLinked() && m_layer->findData(primary->layer) >= 0 && primary->layer != layer())
      setLayer(primary->layer);
    highlightFlow();
  });
}

int CoactivationView::layer() const { return m_layer->currentData().toInt(); }

void CoactivationView::setLayer(int layer) {
  if (const int index = m_layer->findData(layer); index >= 0)
    m_layer->setCurrentIndex(index);
}

void CoactivationView::setMeasure(const QString& measure) {
  m_measure->setCurrentIndex(std::max(0, m_measure->findData(measure)));
}

bool CoactivationView::handles(const QString& actionId) const {
  if (actionId == "figure.previous-layer")
    return m_layer->currentIndex() > 0;
  if (actionId == "figure.next-layer")
    return m_layer->currentIndex() + 1 < m_layer->count();
  return AnalysisView::handles(actionId);
}

void CoactivationView::command(const QString& actionId) {
  if (actionId == "figure.previous-layer" || actionId == "figure.next-layer")
    m_layer->setCurrentIndex(std::clamp(m_layer->currentIndex() + (actionId == "figure.next-layer" ? 1 : -1), 0, m_layer->count() - 1));
  else
    AnalysisView::command(actionId);
}

jobs::AnalyzeOptions CoactivationView::options(const Item& trace) {
  int experts = 2;
  const QSignalBlocker quiet(m_layer);
  const QVariant shown = m_layer->currentData();
  m_layer->clear();
  for (const trace::LayerInfo& info : trace.trace->meta().layers) {
    m_layer->addItem(QString("L%1").arg(info.layer), info.layer);
    experts = std::max(experts, info.experts);
  }
  const int kept = m_layer->findData(shown);
  m_layer->setCurrentIndex(kept >= 0 ? kept : m_layer->count() - 1);
  jobs::AnalyzeOptions asked;
  asked.with = {{"coactivation", {{"figure-experts", std::to_string(std::clamp(experts, 2, 1024))}}},
                {"load"},
                {"transitions", {{"cross-token", "false"}, {"permutations", "1"}, {"flow-experts", "64"}, {"figure-experts", "2"}}}};
  return asked;
}

void CoactivationView::showAnalysis() { draw(); }

void CoactivationView::draw() {
  const auto* pairs = result("coactivation");
  if (!pairs)
    return;
  const trace::Figure* figure = figureOf(*pairs, "coactivation_layer_" + std::to_string(layer()));
  if (figure && std::holds_alternative<trace::Heatmap>(figure->content))
    drawMatrix(*figure);
  drawFlow();
}

void CoactivationView::drawMatrix(const trace::Figure& figure) {
  const auto& map = std::get<trace::Heatmap>(figure.content);
  HeatmapSpec spec = heatmapSpec(figure, map);
  const auto n = static_cast<int>(map.x.labels.size());
  std::vector<int> experts;
  for (const std::string& label : map.x.labels)
    experts.push_back(std::atoi(label.c_str()));
  // How often each expert is chosen, from the load of the same rows.
  std::map<int, double> uses;
  double tokens = 0;
  if (const auto* load = result("load")) {
    tokens = static_cast<double>(load->provenance.tokens);
    if (const trace::Table* table = tableOf(*load, "load_experts")) {
      const auto l = static_cast<std::size_t>(columnOf(*table, "layer")), e = static_cast<std::size_t>(columnOf(*table, "expert"));
      const auto c = static_cast<std::size_t>(columnOf(*table, "count"));
      for (const auto& row : table->rows)
        if (numberOf(row[l]) == layer())
          uses[static_cast<int>(numberOf(row[e]))] = numberOf(row[c]);
    }
  }
  int k = 1, width = n;
  if (const Item* item = trace())
    for (const trace::LayerInfo& info : item->trace->meta().layers)
      if (info.layer == layer()) {
        k = info.k;
        width = info.experts;
      }
  // What uniform routing of k out of E gives for P(i, j) / (P(i) P(j)).
  const double baseline = width > 1 && k > 1 ? static_cast<double>(k - 1) * width / (static_cast<double>(k) * (width - 1)) : 1;
  const QString measure = m_measure->currentData().toString();
  spec.counts.assign(spec.values.size(), 0);
  for (int r = 0; r < n; ++r)
    for (int c = 0; c < n; ++c) {
      const auto at = static_cast<std::size_t>(r * n + c);
      if (r == c) {
        spec.values[at] = kNone;
        continue;
      }
      const double i = uses[experts[static_cast<std::size_t>(r)]], j = uses[experts[static_cast<std::size_t>(c)]];
      const Pair pair{spec.values[at] * i, i, j, tokens};
      if (std::isfinite(pair.joint))
        spec.counts[at] = std::llround(pair.joint);
      if (!(i > 0) || !(j > 0))
        spec.values[at] = kNone;
      else if (measure == "lift")
        spec.values[at] = pair.lift(baseline);
      else if (measure == "jaccard")
        spec.values[at] = pair.jaccard();
      else if (measure == "phi")
        spec.values[at] = pair.phi();
    }
  spec.total = static_cast<std::int64_t>(tokens);
  QString formula;
  if (measure == "lift") {
    spec.measure = tr("lift");
    spec.unit = tr("lift");
    spec.format = ValueFormat::Times;
    spec.chance = 1;
    spec.domain = domainFor(spec.values, DomainRule::CoactivationLift);
    formula = tr("lift = P(i, j) / (P(i) P(j)) / %1 (its value under uniform top-%2 of %3)").arg(baseline, 0, 'f', 3).arg(k).arg(width);
  } else if (measure == "p") {
    formula = tr("P(j | i) = N(i, j) / N(i)");
  } else {
    spec.measure = spec.unit = measure == "phi" ? tr("phi") : tr("Jaccard");
    spec.format = measure == "phi" ? ValueFormat::Signed : ValueFormat::Plain;
    spec.chance.reset();
    spec.domain = domainFor(spec.values, measure == "phi" ? DomainRule::Difference : DomainRule::Range, measure == "phi" ? std::optional(0.0) : std::nullopt);
    formula = measure == "phi" ? tr("phi = correlation of the two choices") : tr("Jaccard = N(i, j) / N(i or j)");
  }
  spec.matrix = true;
  spec.noDataMeaning = tr("not defined");
  spec.title = tr("Chosen together, L%1").arg(layer());
  spec.name = [experts, n, layer = layer()](int item) {
    const int a = experts[static_cast<std::size_t>(item / n)], b = experts[static_cast<std::size_t>(item % n)];
    return a == b ? QString("L%1 E%2").arg(layer).arg(a) : QString("L%1 E%2 with E%3").arg(layer).arg(a).arg(b);
  };
  FigureLink link = linkOf(figure);
  if (m_order->currentData() == "id") {
    // The same order down and across: labels are sorted, not cells moved in rows.
    std::vector<int> order(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i)
      order[static_cast<std::size_t>(i)] = i;
    std::ranges::sort(order, {}, [&](int i) { return experts[static_cast<std::size_t>(i)]; });
    HeatmapSpec sorted = spec;
    std::vector<int> names;
    sorted.rowLabels.clear();
    sorted.columnLabels.clear();
    for (int r = 0; r < n; ++r) {
      const int from = order[static_cast<std::size_t>(r)];
      sorted.rowLabels << spec.rowLabels.at(from);
      sorted.columnLabels << spec.columnLabels.at(from);
      names.push_back(experts[static_cast<std::size_t>(from)]);
      for (int c = 0; c < n; ++c) {
        const auto to = static_cast<std::size_t>(r * n + c), source = static_cast<std::size_t>(from * n + order[static_cast<std::size_t>(c)]);
        sorted.values[to] = spec.values[source];
        sorted.counts[to] = spec.counts[source];
      }
    }
    sorted.trees.clear();
    sorted.columnTicks.clear();
    trace::Figure renamed;
    renamed.name = figure.name;
    trace::Heatmap axes;
    axes.x = map.x;
    for (std::size_t i = 0; i < names.size(); ++i)
      axes.x.labels[i] = std::to_string(names[i]);
    axes.y = {map.y.title, axes.x.labels};
    renamed.content = axes;
    link = linkOf(renamed);
    sorted.name = [names, n, layer = layer()](int item) {
      return QString("L%1 E%2 with E%3").arg(layer).arg(names[static_cast<std::size_t>(item / n)]).arg(names[static_cast<std::size_t>(item % n)]);
    };
    spec = std::move(sorted);
  } else {
    formula += tr("; clusters: average linkage, 1 − Jaccard");
  }
  m_matrix->setHeading(tr("Chosen together"));
  m_matrix->showHeatmap(prepareHeatmap(std::move(spec)), std::move(link));
  setFormula(formula);
}

void CoactivationView::drawFlow() {
  const auto* transitions = result("transitions");
  const trace::Figure* figure = transitions ? figureOf(*transitions, "transitions_flow") : nullptr;
  const int to = m_layer->currentIndex();
  if (!figure || to < 0 || m_layer->count() < 2) {
    m_flow->hide();
    return;
  }
  m_flow->show();
  const int fromColumn = std::max(0, to - 1);
  const auto& whole = std::get<trace::Flow>(figure->content);
  trace::Flow flow;
  flow.unit = whole.unit;
  std::vector<int> place(whole.nodes.size(), -1);
  m_flowExperts.clear();
  // The columns of the flow are the MoE layers in order.
  for (std::size_t n = 0; n < whole.nodes.size(); ++n) {
    const int column = whole.nodes[n].column;
    if (column != fromColumn && column != fromColumn + 1)
      continue;
    place[n] = static_cast<int>(flow.nodes.size());
    const QString label = QString::fromStdString(whole.nodes[n].label);
    bool isNumber = false;
    const int expert = label.section(' ', -1).remove('E').toInt(&isNumber);
    m_flowExperts.push_back(isNumber ? ExpertKey{m_layer->itemData(column).toInt(), expert} : ExpertKey{-1, -1});
    flow.nodes.push_back({isNumber ? "E" + std::to_string(expert) : tr("other").toStdString(), column});
  }
  for (const trace::Flow::Link& link : whole.links)
    if (place[static_cast<std::size_t>(link.from)] >= 0 && place[static_cast<std::size_t>(link.to)] >= 0)
      flow.links.push_back({place[static_cast<std::size_t>(link.from)], place[static_cast<std::size_t>(link.to)], link.amount});
  FlowSpec spec = flowSpec(*figure, flow);
  const QString from = m_layer->itemText(fromColumn), into = m_layer->itemText(fromColumn + 1);
  spec.title = tr("First choices, %1 to %2").arg(from, into);
  spec.columnTitles = {tr("%1, 1st choice").arg(from), tr("%1, 1st choice").arg(into)};
  FigureLink link;
  link.expertsOf = [experts = m_flowExperts, links = flow.links](int item) {
    std::vector<ExpertKey> ends;
    for (const int node : {links[static_cast<std::size_t>(item)].from, links[static_cast<std::size_t>(item)].to})
      if (const ExpertKey& expert = experts[static_cast<std::size_t>(node)]; expert.layer >= 0)
        ends.push_back(expert);
    return ends;
  };
  m_flow->setHeading(tr("%1 to %2").arg(from, into));
  m_flow->showFlow(std::move(spec), std::move(link));
  highlightFlow();
}

void CoactivationView::highlightFlow() {
  auto* scene = dynamic_cast<FlowScene*>(m_flow->figure()->scene());
  if (!scene)
    return;
  std::vector<int> lit;
  for (std::size_t n = 0; n < m_flowExperts.size(); ++n)
    if (isLinked() && workbench().selection().contains(m_flowExperts[n]))
      lit.push_back(static_cast<int>(n));
  scene->setHighlight(std::move(lit));
  m_flow->figure()->refreshScene();
}

void CoactivationView::saveChoices(QVariantMap& choices) const {
  choices["layer"] = m_layer->currentData();
  choices["measure"] = m_measure->currentData();
  choices["order"] = m_order->currentData();
}

void CoactivationView::restoreChoices(const QVariantMap& choices) {
  setLayer(choices.value("layer").toInt());
  setMeasure(choices.value("measure").toString());
  m_order->setCurrentIndex(std::max(0, m_order->findData(choices.value("order"))));
}

} // namespace switchyard::studio
