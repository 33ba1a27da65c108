// What Compare and Agreement show of a comparison: their figures and tables, and what is in them.

#include <algorithm>
#include <cmath>

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include "app/jobs/command_line.h"
#include "app/jobs/text.h"
#include "app/studio/document/numbers.h"
#include "app/studio/views/compare_view.h"

namespace switchyard::studio {

namespace {

QWidget* titledColumn(QWidget* header, QWidget* body) {
  auto* widget = new QWidget;
  auto* column = new QVBoxLayout(widget);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(header);
  column->addWidget(body, 1);
  return widget;
}

QSplitter* splitter(Qt::Orientation orientation, std::initializer_list<QWidget*> parts,
                    const QList<int>& sizes) {
  auto* split = new QSplitter(orientation);
  for (QWidget* part : parts)
    split->addWidget(part);
  split->setSizes(sizes);
  for (int i = 0; i < split->count(); ++i)
    split->setStretchFactor(i, sizes.value(i));
  return split;
}

/// "JS of load up to 0.0031 bit (L4)"
QString largestDivergence(const jobs::TraceComparison& comparison) {
  const auto largest = std::ranges::max_element(comparison.jsDivergence);
  if (largest == comparison.jsDivergence.end() || !std::isfinite(*largest))
    return {};
  const auto layer = static_cast<std::size_t>(largest - comparison.jsDivergence.begin());
  return "&nbsp;&nbsp;&nbsp;&nbsp;" + CompareView::tr("JS of load up to <b>%1</b> bit (L%2)")
                                          .arg(valueText(*largest))
                                          .arg(comparison.layers[layer].layer);
}

} // namespace

void CompareView::addDifferenceParts() {
  m_values = new QComboBox;
  m_values->addItem(tr("B − A"), static_cast<int>(CompareValue::Difference));
  m_values->addItem(tr("B / A"), static_cast<int>(CompareValue::Ratio));
  m_values->addItem("A", static_cast<int>(CompareValue::A));
  m_values->addItem("B", static_cast<int>(CompareValue::B));
  m_normalise = new QCheckBox(tr("Normalise"));
  m_normalise->setToolTip(tr("Loads divided by the layer's largest, so that shapes compare"));
  addControl(tr("At"), m_at);
  addControl(tr("Values"), m_values);
  addControl(m_normalise);
  connect(m_values, &QComboBox::currentIndexChanged, this, &CompareView::draw);
  connect(m_normalise, &QCheckBox::toggled, this, &CompareView::draw);
  m_map = makePanel();
  m_agreement = makePanel();
  m_byLabel = makePanel();
  m_changes = new ResultTableView(workbench());
  m_document = new QComboBox;
  m_document->setAccessibleName(tr("Sequence"));
  m_document->setMinimumWidth(120);
  m_tokens = new AlignedTokens;
  connect(m_document, &QComboBox::activated, this, &CompareView::showDocument);
  connect(m_changes, &ResultTableView::rowChosen, this, [this](qint64 row, Qt::KeyboardModifiers) {
    const auto& source = m_changes->model().source();
    const QString name = cellText(source->cell(row, 0));
    if (isLinked())
      workbench().selection().select(
          ExpertKey{name.section(' ', 0, 0).mid(1).toInt(), name.section(' ', 1).mid(1).toInt()});
  });
  auto* header = new QWidget;
  header->setObjectName("figureHeader");
  header->setAttribute(Qt::WA_StyledBackground);
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(10, 0, 10, 0);
  auto* label = new QLabel(tr("Aligned tokens"));
  label->setObjectName("figureTitle");
  auto* note = new QLabel(tr("agreement, mean of layers"));
  note->setObjectName("figureQuestion");
  row->addWidget(label);
  row->addWidget(m_document);
  row->addWidget(note);
  row->addStretch(1);
  auto* top = splitter(Qt::Horizontal, {m_map, m_agreement}, {540, 262});
  auto* bottom = splitter(Qt::Horizontal, {titledColumn(header, m_tokens), m_byLabel, m_changes},
                          {290, 240, 270});
  auto* both = splitter(Qt::Vertical, {top, bottom}, {250, 230});
  setContent(titledColumn(m_headline, both));
}

void CompareView::addAgreementParts() {
  addControl(tr("At"), m_at);
  m_agreement = makePanel();
  m_byLabel = makePanel();
  m_document = new QComboBox;
  m_document->setAccessibleName(tr("Sequence"));
  m_document->setMinimumWidth(120);
  m_tokens = new AlignedTokens;
  connect(m_document, &QComboBox::activated, this, &CompareView::showDocument);
  auto* header = new QWidget;
  header->setObjectName("figureHeader");
  header->setAttribute(Qt::WA_StyledBackground);
  auto* row = new QHBoxLayout(header);
  row->setContentsMargins(10, 0, 10, 0);
  auto* label = new QLabel(tr("Tokens"));
  label->setObjectName("figureTitle");
  row->addWidget(label);
  row->addWidget(m_document);
  row->addStretch(1);
  auto* top = splitter(Qt::Horizontal, {m_agreement, m_byLabel}, {420, 380});
  auto* both = splitter(Qt::Vertical, {top, titledColumn(header, m_tokens)}, {330, 150});
  setContent(titledColumn(m_headline, both));
}

void CompareView::setValue(CompareValue value) {
  if (m_values)
    m_values->setCurrentIndex(m_values->findData(static_cast<int>(value)));
}

void CompareView::setNormalised(bool normalised) {
  if (m_normalise)
    m_normalise->setChecked(normalised);
}

void CompareView::showNothing() {
  for (FigurePanel* panel : panels())
    panel->showPlaceholder(6, 32);
  m_headline->clear();
  ++m_tokensAsked;
  if (m_tokens)
    m_tokens->setTokens({}, {});
  if (m_document) {
    const QSignalBlocker quiet(m_document);
    m_document->clear();
  }
  if (m_changes)
    m_changes->setSource(nullptr, {});
  setProvenance({});
}

QString CompareView::headline() const {
  return m_headline->text();
}

void CompareView::draw() {
  if (!m_comparison)
    return;
  const jobs::TraceComparison& found = *m_comparison;
  const auto strong = [](const QString& text) { return "<b>" + text + "</b>"; };
  const ChartSpec chart = agreementChart(found);
  const QString overall = found.overall.interval
                              ? valueText(found.overall.value, *found.overall.interval)
                              : valueText(found.overall.value);
  m_headline->setText(tr("%1 %2").arg(chart.title, strong(overall)) + "&nbsp;&nbsp;&nbsp;&nbsp;" +
                      tr("Aligned tokens %1 of %2")
                          .arg(strong(grouped(found.alignedTokens)), grouped(found.tokens)) +
                      largestDivergence(found));
  m_agreement->setHeading(chart.title);
  m_agreement->showChart(chart);
  m_agreement->setTable(tableSource(agreementTable(found)));
  HeatmapSpec labels = agreementByLabel(found);
  m_byLabel->setHeading(tr("By label"));
  m_byLabel->setVisible(!labels.rowLabels.isEmpty());
  m_byLabel->showHeatmap(prepareHeatmap(std::move(labels)));
  if (m_map) {
    const auto value = static_cast<CompareValue>(m_values->currentData().toInt());
    HeatmapSpec map = loadMap(found, value, m_normalise->isChecked());
    m_map->setHeading(map.title);
    m_map->showHeatmap(prepareHeatmap(std::move(map)), loadLink(found));
  }
  if (m_changes)
    m_changes->setSource(tableSource(largestChanges(found)), tr("Largest changes"));
  {
    const QSignalBlocker quiet(m_document);
    const QString shown = m_document->currentText();
    m_document->clear();
    for (const std::string& id : found.sequences)
      m_document->addItem(QString::fromStdString(id));
    m_document->setCurrentIndex(std::max(0, m_document->findText(shown)));
  }
  showDocument();
  const Item* a = workbench().document().item(m_shown.first);
  const Item* b = workbench().document().item(m_shown.second);
  if (a && b)
    setProvenance(agreementFormula(found),
                  QString::fromStdString(
                      "switchyard analyze " + jobs::shellQuoted(a->trace->path().string()) +
                      " --with agreement --reference " +
                      jobs::shellQuoted(b->trace->path().string()) + jobs::flagsOf(m_shownRows)));
}

void CompareView::showDocument() {
  const Item* a = workbench().document().item(m_shown.first);
  const int index = m_document ? m_document->currentIndex() : -1;
  if (!m_comparison || !a || index < 0)
    return;
  const auto at = static_cast<std::size_t>(index);
  const std::int64_t first = m_comparison->firstToken[at], last = m_comparison->firstToken[at + 1];
  std::vector<float> values(m_comparison->tokenAgreement.begin() + first,
                            m_comparison->tokenAgreement.begin() + last);
  const std::vector<std::int32_t> positions(m_comparison->tokenPosition.begin() + first,
                                            m_comparison->tokenPosition.begin() + last);
  workbench().jobs().run<QStringList>(
      {tr("Read the tokens of %1").arg(m_document->currentText()), "tokens"}, this,
      [trace = a->trace, sequence = m_comparison->sequenceIndex[at],
       positions](const JobContext&) -> base::Result<QStringList> {
        const auto reader = SY_TRY(trace->reader());
        const trace::SequenceInfo info =
            SY_TRY(reader->sequence(sequence, trace::SequenceText::Skip));
        const auto tokenizer = jobs::loadTokenizer(trace->meta().modelPath);
        QStringList texts;
        for (const std::int32_t position : positions) {
          const std::int32_t token = info.tokens[static_cast<std::size_t>(position)];
          QString text = QString::number(token);
          if (tokenizer) {
            const std::string_view bytes = tokenizer->bytes(base::TokenId(token));
            text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()))
                       .replace('\n', QChar(0x23CE))
                       .replace('\t', "    ");
          }
          texts << text;
        }
        return texts;
      },
      [this, asked = ++m_tokensAsked,
       values = std::move(values)](base::Result<std::shared_ptr<const QStringList>> texts) {
        if (texts && asked == m_tokensAsked)
          m_tokens->setTokens(**texts, values);
      });
}

} // namespace switchyard::studio
