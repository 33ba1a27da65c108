#include "app/studio/views/specialization_view.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/jobs/text.h"
#include "app/studio/document/label_groups.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/expert_metrics.h"
#include "app/studio/views/expert_order.h"

namespace switchyard::studio {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A token's bytes as they are shown in lists.
std::string shownPiece(std::string_view piece) {
  QString text = QString::fromUtf8(piece.data(), static_cast<qsizetype>(piece.size()));
  text.replace('\n', QChar(0x23CE)).replace('\t', QChar(0x21E5)).replace(' ', QChar(0x2423));
  for (QChar& c : text)
    if (!c.isPrint())
      c = QChar(0xFFFD);
  return text.toStdString();
}

} // namespace

SpecializationView::SpecializationView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_layer(new QComboBox), m_labels(new QComboBox),
      m_measure(new QComboBox), m_order(new QComboBox), m_panel(makePanel()), m_tokenTitle(new QLabel),
      m_tokens(new ResultTableView(workbench)) {
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

int SpecializationView::layer() const { return m_layer->currentData().toInt(); }

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
    m_layer->setCurrentIndex(std::clamp(m_layer->currentIndex() + (actionId == "figure.next-layer" ? 1 : -1), 0, m_layer->count() - 1));
  else
    AnalysisView::command(actionId);
}

jobs::AnalyzeOptions SpecializationView::options(const Item& trace) {
  jobs::AnalyzeOptions asked;
  const QStringList keys = labelKeys();
  if (keys.isEmpty()) {
    showNothing();
    showEmpty(tr("No labels"), tr("The sequences of this trace carry no labels. Record a prompt set whose documents have them (a \"domain\", say)."));
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
                 {{"label", m_labels->currentText().toStdString()}, {"top", std::to_string(experts)}, {"top-tokens", "24"}}}};
  return asked;
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
  const trace::Figure* figure = specialization ? figureOf(*specialization, "specialization_layer_" + std::to_string(layer())) : nullptr;
  const trace::Table* table = specialization ? tableOf(*specialization, "specialization_labels") : nullptr;
  if (!figure || !table)
    return;
  const auto& map = std::get<trace::Heatmap>(figure->content);
  HeatmapSpec spec = heatmapSpec(*figure, map);
  const int rows = static_cast<int>(map.y.labels.size()), columns = static_cast<int>(map.x.labels.size());
  int k = 1;
  if (const Item* item = trace())
    for (const trace::LayerInfo& info : item->trace->meta().layers)
      if (info.layer == layer())
        k = info.k;
  const double chance = static_cast<double>(k) / columns;
  // Shares, their intervals and counts from the table: the figure has lifts only.
  std::map<std::string, int> rowOf;
  for (int r = 0; r < rows; ++r)
    rowOf[map.y.labels[static_cast<std::size_t>(r)]] = r;
  const auto column = [&](const char* name) { return static_cast<std::size_t>(std::max(0, columnOf(*table, name))); };
  const std::size_t l = column("layer"), e = column("expert"), label = column("label"), share = column("share"),
                    low = column("share_low"), high = column("share_high"), count = column("count");
  const int documents = columnOf(*table, "documents");
  std::map<std::string, qint64> documentsOf;
  const std::size_t cells = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  std::vector<double> shares(cells, kNone);
  std::vector<std::pair<double, double>> intervals(cells, {kNone, kNone});
  spec.counts.assign(cells, 0);
  for (std::size_t i = 0; i < cells; ++i)
    shares[i] = spec.values[i] * chance;
  for (const auto& row : table->rows) {
    if (numberOf(row[l]) != layer())
      continue;
    const auto at = rowOf.find(textOf(row[label]));
    const double expert = numberOf(row[e]);
    if (at == rowOf.end() || !(expert >= 0 && expert < columns))
      continue;
    const std::size_t cell = static_cast<std::size_t>(at->second * columns) + static_cast<std::size_t>(expert);
    shares[cell] = numberOf(row[share]);
    const qint64 carry = documents < 0 ? kFewestDocuments : static_cast<qint64>(numberOf(row[static_cast<std::size_t>(documents)]));
    documentsOf[textOf(row[label])] = carry;
    if (carry >= kFewestDocuments)
      intervals[cell] = {numberOf(row[low]), numberOf(row[high])};
    spec.counts[cell] = static_cast<std::int64_t>(numberOf(row[count]));
  }
  m_documents.clear();
  for (const auto& [name, carry] : documentsOf)
    m_documents.emplace_back(QString::fromStdString(name), carry);
  const QString measure = m_measure->currentData().toString();
  // Labels of a group stand together.
  {
    const std::vector<int> group = groupLabels(spec.rowLabels).group;
    std::vector<int> order(static_cast<std::size_t>(rows));
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](int r) { return group[static_cast<std::size_t>(r)]; });
    const auto reorder = [&](auto& values) {
      auto sorted = values;
      for (int r = 0; r < rows; ++r)
        std::copy_n(values.begin() + order[static_cast<std::size_t>(r)] * columns, columns, sorted.begin() + r * columns);
      values = std::move(sorted);
    };
    reorder(spec.values);
    reorder(shares);
    reorder(intervals);
    reorder(spec.counts);
    const QStringList labels = spec.rowLabels;
    for (int r = 0; r < rows; ++r)
      spec.rowLabels[r] = labels.at(order[static_cast<std::size_t>(r)]);
  }
  const std::vector<double> lifts = spec.values;
  QString formula = tr("P(e | label) = share of the label's tokens with e in their top-%1; 95 % intervals: resamples of documents within a label").arg(k);
  spec.dots.assign(cells, 0);
  for (std::size_t i = 0; i < cells; ++i)
    spec.dots[i] = intervals[i].first <= chance && chance <= intervals[i].second ? 1 : 0;
  spec.dotMeaning = tr("interval contains chance, %1").arg(valueText(chance, ValueFormat::Percent));
  if (measure == "share") {
    spec.values = shares;
    spec.intervals = intervals;
    spec.measure = tr("P(expert | label)");
    spec.unit = tr("P(expert | label)");
    spec.format = ValueFormat::Percent;
    spec.chance = chance;
    spec.domain = domainFor(shares, DomainRule::Probability, chance);
  } else if (measure == "lift") {
    spec.intervals = intervals;
    for (auto& [from, to] : spec.intervals) {
      from /= chance;
      to /= chance;
    }
    spec.measure = spec.unit = tr("lift");
    spec.format = ValueFormat::Times;
    spec.domain = domainFor(spec.values, DomainRule::Lift);
    formula = tr("lift = P(e | label) / (k / E)");
  } else {
    for (int c = 0; c < columns; ++c) {
      double all = 0;
      for (int r = 0; r < rows; ++r)
        all += static_cast<double>(spec.counts[static_cast<std::size_t>(r * columns + c)]);
      for (int r = 0; r < rows; ++r) {
        const auto at = static_cast<std::size_t>(r * columns + c);
        spec.values[at] = all > 0 ? static_cast<double>(spec.counts[at]) / all : kNone;
      }
    }
    spec.dots.clear();
    spec.measure = spec.unit = tr("P(label | expert)");
    spec.format = ValueFormat::Percent;
    spec.chance.reset();
    spec.domain = domainFor(spec.values, DomainRule::Probability);
    formula = tr("P(label | e) = share of the expert's labelled tokens");
  }
  const LabelGroups groups = groupLabels(spec.rowLabels);
  spec.rowGroups = groups.group;
  if (m_order->currentData() == "cluster") {
    std::vector<double> profile;
    for (int c = 0; c < columns; ++c)
      for (int r = 0; r < rows; ++r)
        profile.push_back(std::log2(std::max(lifts[static_cast<std::size_t>(r * columns + c)], 1.0 / 16)));
    ExpertOrder clustered = orderByCluster({profile}, 1, columns);
    spec.order = std::move(clustered.order);
    spec.trees = std::move(clustered.trees);
    formula += tr("; clusters: average linkage on log₂ lift");
  }
  spec.title = tr("Labels × experts, L%1").arg(layer());
  spec.name = [labels = spec.rowLabels, columns, layer = layer()](int item) {
    return QString("%1 → L%2 E%3").arg(labels.value(item / columns)).arg(layer).arg(item % columns);
  };
  spec.origin = trace() ? trace()->name : QString();
  m_panel->setHeading(spec.title, tr("Which text goes where?"));
  m_panel->showHeatmap(prepareHeatmap(std::move(spec)), columnLink(layer(), rows, columns));
  setFormula(formula);
  drawTokens();
}

QString SpecializationView::caution() const { return fewDocumentsOf(m_documents); }

void SpecializationView::drawTokens() {
  const auto* specialization = result("specialization");
  if (!specialization)
    return;
  const auto primary = workbench().selection().primaryExpert();
  const ExpertKey expert = primary && primary->layer == layer() ? *primary : ExpertKey{layer(), 0};
  m_tokenTitle->setText(tr("Tokens of %1, ≥ 10 occurrences, by lower 95 % bound of the share").arg(toText(expert)));
  m_tokens->setSource(tableSource(expertTokens(*specialization, expert.layer, expert.expert, m_texts)), m_tokenTitle->text());
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
      [folder](const JobContext&) -> base::Result<std::vector<std::string>> {
        const auto tokenizer = SY_TRY(jobs::loadTokenizer(folder));
        std::vector<std::string> texts;
        for (std::int32_t token = 0; token < tokenizer.idLimit(); ++token)
          texts.push_back(shownPiece(tokenizer.bytes(base::TokenId(token))));
        return texts;
      },
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
