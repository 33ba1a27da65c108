#include "app/studio/views/coactivation_view.h"

#include <algorithm>
#include <numeric>

#include <QComboBox>
#include <QSignalBlocker>
#include <QSplitter>

#include "app/studio/views/coactivation_figures.h"
#include "app/studio/views/expert_metrics.h"

namespace switchyard::studio {

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
    if (primary && isLinked() && m_layer->findData(primary->layer) >= 0 &&
        primary->layer != layer())
      setLayer(primary->layer);
    highlightFlow();
  });
}

int CoactivationView::layer() const {
  return m_layer->currentData().toInt();
}

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
    m_layer->setCurrentIndex(
        std::clamp(m_layer->currentIndex() + (actionId == "figure.next-layer" ? 1 : -1), 0,
                   m_layer->count() - 1));
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
  asked.with = {
      {"coactivation", {{"figure-experts", std::to_string(std::clamp(experts, 2, 1024))}}},
      {"load"},
      {"transitions",
       {{"cross-token", "false"},
        {"permutations", "1"},
        {"flow-experts", "64"},
        {"figure-experts", "2"}}}};
  return asked;
}

std::vector<int> CoactivationView::layersToPreview() const {
  // What is shown: the layer's matrix, and the flow to it from the layer before.
  const int first = std::max(0, m_layer->currentIndex() - 1);
  return m_layer->count() > first + 1 ? std::vector{first, first + 1} : std::vector{first};
}

void CoactivationView::showAnalysis() {
  draw();
}

void CoactivationView::draw() {
  const auto* pairs = result("coactivation");
  if (!pairs || !needLayer(m_layer->currentIndex()) ||
      !needLayer(std::max(0, m_layer->currentIndex() - 1)))
    return;
  const trace::Figure* figure = figureOf(*pairs, "coactivation_layer_" + std::to_string(layer()));
  if (figure && std::holds_alternative<trace::Heatmap>(figure->content))
    drawMatrix(*figure);
  drawFlow();
}

void CoactivationView::drawMatrix(const trace::Figure& figure) {
  PairMatrixChoice choice{.layer = layer(),
                          .k = 1,
                          .experts = 0,
                          .measure = m_measure->currentData().toString(),
                          .byId = m_order->currentData() == "id"};
  if (const Item* item = trace())
    for (const trace::LayerInfo& info : item->trace->meta().layers)
      if (info.layer == layer()) {
        choice.k = info.k;
        choice.experts = info.experts;
      }
  PairMatrix matrix = pairMatrix(figure, result("load"), choice);
  m_matrix->setHeading(tr("Chosen together"));
  m_matrix->showHeatmap(prepareHeatmap(std::move(matrix.spec)), std::move(matrix.link));
  setFormula(matrix.formula);
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
  std::vector<int> analysed = previewLayers();
  if (analysed.empty()) {
    analysed.resize(static_cast<std::size_t>(m_layer->count()));
    std::iota(analysed.begin(), analysed.end(), 0);
  }
  std::vector<int> layers;
  for (const int layer : analysed)
    layers.push_back(m_layer->itemData(layer).toInt());
  const auto from = std::ranges::find(analysed, std::max(0, to - 1)) - analysed.begin();
  LayerFlow flow = layerFlow(*figure, layers, static_cast<int>(from));
  m_flowExperts = std::move(flow.experts);
  m_flow->setHeading(flow.heading);
  m_flow->showFlow(std::move(flow.spec), std::move(flow.link));
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
