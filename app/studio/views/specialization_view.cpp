#include "app/studio/views/specialization_view.h"

#include <algorithm>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/studio/theme/theme.h"
#include "app/studio/views/label_map.h"

namespace switchyard::studio {

SpecializationView::SpecializationView(Workbench& workbench, const QString& id,
                                       const QString& title)
    : AnalysisView(workbench, id, title), m_layer(new QComboBox), m_labels(new QComboBox),
      m_measure(new QComboBox), m_order(new QComboBox), m_panel(makePanel()),
      m_tokenTitle(new QLabel), m_tokens(new ResultTableView(workbench)) {
  m_measure->addItem(tr("share of label"), "share");
  m_measure->addItem(tr("lift"), "lift");
  m_measure->addItem(tr("P(label | e)"), "label");
  m_order->addItem(tr("cluster"), "cluster");
  m_order->addItem(tr("expert id"), "id");
  addControl(tr("Layer"), m_layer);
  addControl(tr("Labels"), m_labels);
  addControl(tr("Measure"), m_measure);
  addControl(tr("Order"), m_order);
  addFigureButtons();
  auto* tokenHeader = new QWidget;
  tokenHeader->setObjectName("figureHeader");
  tokenHeader->setAttribute(Qt::WA_StyledBackground);
  tokenHeader->setFixedHeight(Theme::instance().px(26));
  auto* row = new QHBoxLayout(tokenHeader);
  row->setContentsMargins(10, 0, 10, 0);
  m_tokenTitle->setObjectName("figureTitle");
  row->addWidget(m_tokenTitle);
  row->addStretch(1);
  auto* lower = new QWidget;
  auto* column = new QVBoxLayout(lower);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(tokenHeader);
  column->addWidget(m_tokens, 1);
  auto* split = new QSplitter(Qt::Vertical);
  split->addWidget(m_panel);
  split->addWidget(lower);
  split->setSizes({330, 170});
  split->setStretchFactor(0, 2);
  split->setStretchFactor(1, 1);
  setContent(split);
  for (QComboBox* box : {m_layer, m_measure, m_order})
    connect(box, &QComboBox::currentIndexChanged, this, &SpecializationView::draw);
  connect(m_labels, &QComboBox::activated, this, [this] { recompute(); });
  connect(&workbench.selection(), &Selection::expertsChanged, this, [this] {
    const auto primary = this->workbench().selection().primaryExpert();
    if (primary && isLinked() && primary->layer != layer())
      setLayer(primary->layer);
    drawTokens();
  });
}

int SpecializationView::layer() const {
  return m_layer->currentData().toInt();
}

void SpecializationView::setLayer(int layer) {
  if (const int index = m_layer->findData(layer); index >= 0)
    m_layer->setCurrentIndex(index);
}

void SpecializationView::setMeasure(const QString& measure) {
  m_measure->setCurrentIndex(std::max(0, m_measure->findData(measure)));
}

bool SpecializationView::handles(const QString& actionId) const {
  if (actionId == "figure.previous-layer")
    return m_layer->currentIndex() > 0;
  if (actionId == "figure.next-layer")
    return m_layer->currentIndex() + 1 < m_layer->count();
  return AnalysisView::handles(actionId);
}

void SpecializationView::command(const QString& actionId) {
  if (actionId == "figure.previous-layer" || actionId == "figure.next-layer")
    m_layer->setCurrentIndex(
        std::clamp(m_layer->currentIndex() + (actionId == "figure.next-layer" ? 1 : -1), 0,
                   m_layer->count() - 1));
  else
    AnalysisView::command(actionId);
}

jobs::AnalyzeOptions SpecializationView::options(const Item& trace) {
  jobs::AnalyzeOptions asked;
  const QStringList keys = labelKeys();
  if (keys.isEmpty()) {
    showNothing();
    showEmpty(tr("No labels"), tr("The sequences of this trace carry no labels. Record a prompt "
                                  "set whose documents have them (a \"domain\", say)."));
    return asked;
  }
  {
    const QSignalBlocker quietLabels(m_labels), quietLayer(m_layer);
    const QString label = m_labels->currentText();
    m_labels->clear();
    m_labels->addItems(keys);
    m_labels->setCurrentIndex(std::max<int>(0, static_cast<int>(keys.indexOf(label))));
    const QVariant shown = m_layer->currentData();
    m_layer->clear();
    for (const trace::LayerInfo& info : trace.trace->meta().layers)
      m_layer->addItem(QString("L%1").arg(info.layer), info.layer);
    const int kept = m_layer->findData(shown);
    m_layer->setCurrentIndex(kept >= 0 ? kept : m_layer->count() - 1);
  }
  int experts = 1;
  for (const trace::LayerInfo& info : trace.trace->meta().layers)
    experts = std::max(experts, info.experts);
  asked.with = {{"specialization",
                 {{"label", m_labels->currentText().toStdString()},
                  {"top", std::to_string(experts)},
                  {"top-tokens", "24"}}}};
  return asked;
}

std::vector<int> SpecializationView::layersToPreview() const {
  return {m_layer->currentIndex()};
}

void SpecializationView::showAnalysis() {
  draw();
  fetchTexts();
}

void SpecializationView::showNothing() {
  AnalysisView::showNothing();
  m_tokens->setSource(nullptr, {});
  m_tokenTitle->clear();
}

void SpecializationView::draw() {
  const auto* specialization = result("specialization");
  const Item* item = trace();
  if (!specialization || !item || !needLayer(m_layer->currentIndex()))
    return;
  LabelMapChoice choice{.layer = layer(),
                        .k = 1,
                        .measure = m_measure->currentData().toString(),
                        .clusterExperts = m_order->currentData() == "cluster"};
  for (const trace::LayerInfo& info : item->trace->meta().layers)
    if (info.layer == layer())
      choice.k = info.k;
  std::optional<LabelMap> map = labelMap(*specialization, choice);
  if (!map)
    return;
  m_documents = std::move(map->documents);
  map->spec.origin = item->name;
  const int rows = static_cast<int>(map->spec.rowLabels.size()),
            columns = static_cast<int>(map->spec.columnLabels.size());
  m_panel->setHeading(map->spec.title, tr("Which text goes where?"));
  m_panel->showHeatmap(prepareHeatmap(std::move(map->spec)), columnLink(layer(), rows, columns));
  setFormula(map->formula);
  drawTokens();
}

QString SpecializationView::caution() const {
  return fewDocumentsOf(m_documents);
}

void SpecializationView::drawTokens() {
  const auto* specialization = result("specialization");
  if (!specialization || !hasLayer(m_layer->currentIndex()))
    return;
  const auto primary = workbench().selection().primaryExpert();
  const ExpertKey expert = primary && primary->layer == layer() ? *primary : ExpertKey{layer(), 0};
  m_tokenTitle->setText(
      tr("Tokens of %1, ≥ 10 occurrences, by lower 95 % bound of the share").arg(toText(expert)));
  m_tokens->setSource(
      tableSource(expertTokens(*specialization, expert.layer, expert.expert, m_texts)),
      m_tokenTitle->text());
}

void SpecializationView::fetchTexts() {
  const Item* item = trace();
  if (!item)
    return;
  const std::string folder = item->trace->meta().modelPath;
  if (m_textsOf == QString::fromStdString(folder))
    return;
  m_textsOf = QString::fromStdString(folder);
  m_texts.reset();
  workbench().jobs().run<std::vector<std::string>>(
      {tr("Read the tokenizer"), "texts"}, this,
      [folder](const JobContext&) { return pieceTexts(folder); },
      [this](base::Result<std::shared_ptr<const std::vector<std::string>>> texts) {
        // Without a tokenizer the table shows ids.
        if (texts) {
          m_texts = *texts;
          drawTokens();
        }
      });
}

void SpecializationView::saveChoices(QVariantMap& choices) const {
  choices["layer"] = m_layer->currentData();
  choices["labels"] = m_labels->currentText();
  choices["measure"] = m_measure->currentData();
  choices["order"] = m_order->currentData();
}

void SpecializationView::restoreChoices(const QVariantMap& choices) {
  m_labels->addItem(choices.value("labels").toString());
  m_labels->setCurrentIndex(m_labels->count() - 1);
  setLayer(choices.value("layer").toInt());
  setMeasure(choices.value("measure").toString());
  m_order->setCurrentIndex(std::max(0, m_order->findData(choices.value("order"))));
}

} // namespace switchyard::studio
