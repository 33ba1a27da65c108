#include "app/studio/views/compare_view.h"

#include <algorithm>
#include <cmath>

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/jobs/command_line.h"
#include "app/jobs/text.h"
#include "app/studio/document/numbers.h"
#include "app/studio/shell/examples.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/small_samples.h"

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

QSplitter* splitter(Qt::Orientation orientation, std::initializer_list<QWidget*> parts, const QList<int>& sizes) {
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

CompareView::CompareView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_a(new QComboBox), m_b(new QComboBox), m_at(new QComboBox), m_headline(new QLabel) {
  for (QComboBox* box : {m_a, m_b})
    box->setMinimumWidth(Theme::instance().px(136));
  addControl("A", m_a);
  auto* swapButton = new QToolButton;
  swapButton->setIcon(icon("arrow-left-right"));
  swapButton->setToolTip(tr("Swap A and B"));
  swapButton->setAccessibleName(tr("Swap A and B"));
  connect(swapButton, &QToolButton::clicked, this, &CompareView::swap);
  addControl(swapButton);
  addControl("B", m_b);
  for (QComboBox* box : {m_a, m_b})
    connect(box, &QComboBox::activated, this, &CompareView::chosen);
  m_at->setToolTip(tr("How many first choices of each token are compared"));
  m_at->addItem(tr("as both"), 0);
  connect(m_at, &QComboBox::activated, this, &CompareView::recompute);
  m_headline->setObjectName("figureHeader");
  m_headline->setMargin(10);
  m_headline->setTextFormat(Qt::RichText);
  Document& document = workbench.document();
  for (const auto signal : {&Document::itemAdded, &Document::itemRemoved, &Document::itemChanged})
    connect(&document, signal, this, [this] {
      m_aligned.clear();
      if (isVisible())
        refresh();
    });
  if (id == "compare") {
    addDifferenceParts();
    addFigureButtons();
  }
}

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
  m_document->setMinimumWidth(120);
  m_tokens = new AlignedTokens;
  connect(m_document, &QComboBox::activated, this, &CompareView::showDocument);
  connect(m_changes, &ResultTableView::rowChosen, this, [this](qint64 row, Qt::KeyboardModifiers) {
    const auto& source = m_changes->model().source();
    const QString name = cellText(source->cell(row, 0));
    if (isLinked())
      workbench().selection().select(ExpertKey{name.section(' ', 0, 0).mid(1).toInt(), name.section(' ', 1).mid(1).toInt()});
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
  auto* bottom = splitter(Qt::Horizontal, {titledColumn(header, m_tokens), m_byLabel, m_changes}, {400, 200, 220});
  auto* both = splitter(Qt::Vertical, {top, bottom}, {250, 230});
  setContent(titledColumn(m_headline, both));
}

void CompareView::addAgreementParts() {
  addControl(tr("At"), m_at);
  m_agreement = makePanel();
  m_byLabel = makePanel();
  m_document = new QComboBox;
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

std::vector<StateAction> CompareView::emptyActions() {
  Document& document = workbench().document();
  std::vector<StateAction> actions;
  const Item* recipe = document.currentItem(ItemKind::Recipe);
  const Item* prompts = document.currentItem(ItemKind::PromptSet);
  const Item* model = document.currentItem(ItemKind::Model);
  if (m_a->count() == 1 && recipe && prompts && model)
    actions.push_back({tr("Record \"%1\" with \"%2\"").arg(prompts->name, recipe->name),
                       [this, m = model->key, p = prompts->key, r = recipe->key] { recordPrompts(workbench(), m, p, r); }});
  if (QAction* open = workbench().actions().action("file.open-trace"))
    actions.push_back({tr("Open trace…"), [open] { open->trigger(); }});
  return actions;
}

void CompareView::refresh() {
  listTraces();
  if (m_a->count() < 2) {
    m_comparison.reset();
    m_shown = {0, 0};
    m_shownRows = {};
    workbench().document().setCompared(0, 0);
    showNothing();
    showEmpty(tr("Two traces are needed"), tr("Open a second trace of the same text, of another model, checkpoint or recipe."), emptyActions());
    return;
  }
  listChoices();
  updateFilterRow();
  if (m_comparison && traces() == m_shown && m_at->currentData().toInt() == m_shownAt && wantedRows() == m_shownRows)
    return;
  if (traces() != m_shown)
    m_partsAccepted = false;
  compare();
}

void CompareView::setValue(CompareValue value) {
  if (m_values)
    m_values->setCurrentIndex(m_values->findData(static_cast<int>(value)));
}

void CompareView::setNormalised(bool normalised) {
  if (m_normalise)
    m_normalise->setChecked(normalised);
}

void CompareView::compare() {
  const Item* a = workbench().document().item(m_a->currentData().toInt());
  const Item* b = workbench().document().item(m_b->currentData().toInt());
  if (!a || !b || !a->trace || !b->trace)
    return;
  clearState();
  if (!m_comparison)
    showNothing();
  m_shown = {a->key, b->key};
  m_shownAt = m_at->currentData().toInt();
  m_shownRows = wantedRows();
  jobs::CompareOptions asked;
  asked.at = m_shownAt;
  asked.a = a->trace->path();
  asked.b = b->trace->path();
  asked.rows = m_shownRows;
  compare(std::move(asked), isWorthAPreview(m_shownRows));
}

jobs::RowFilter CompareView::wantedRows() const {
  const bool counts = isLinked() && traces().first == traceKey();
  return counts ? ResultStore::rowFilter(workbench().selection().filter()) : jobs::RowFilter();
}

void CompareView::compare(jobs::CompareOptions asked, bool exactFollows) {
  const Item* a = workbench().document().item(m_shown.first);
  const Item* b = workbench().document().item(m_shown.second);
  if (!a || !b)
    return;
  jobs::CompareOptions now = asked;
  if (exactFollows) {
    now.rows.sample = kSampleRows;
    now.resamples = 0; // intervals come with the exact numbers
  }
  const JobId job = workbench().jobs().run<jobs::TraceComparison>(
      {tr("Compare %1 with %2").arg(a->name, b->name), "compare"}, this,
      [now](const JobContext& context) { return jobs::compareTraces(now, context.threads, context.control); },
      [this, asked, exactFollows](base::Result<std::shared_ptr<const jobs::TraceComparison>> result) {
        clearState();
        if (result) {
          m_comparison = *result;
          m_comparesSample = exactFollows;
          accept();
          if (exactFollows)
            compare(asked, false);
          return;
        }
        m_comparison.reset();
        m_shown = {0, 0};
        showNothing();
        if (result.error().code == base::ErrorCode::Cancelled)
          showEmpty({}, tr("Cancelled by you."), {{tr("Continue"), [this] { refresh(); }}});
        else
          showEmpty(tr("The traces cannot be compared"), QString::fromStdString(result.error().message));
      });
  // A preview is not dimmed: its note says that exact numbers follow.
  if (!m_comparesSample || exactFollows)
    showLoading(job);
}

void CompareView::accept() {
  const bool noTokens = m_comparison->tokens == 0 || (m_comparison->aligned > 0 && m_comparison->alignedTokens == 0);
  if (noTokens && !m_shownRows.isEmpty()) {
    showNothing();
    showNoTokens();
    return;
  }
  const bool aligned = m_comparison->aligned > 0;
  workbench().document().setCompared(aligned ? m_shown.first : 0, m_shown.second);
  if (m_comparison->aligned == 0 || (m_comparison->aligned < m_comparison->documents && !m_partsAccepted)) {
    showMisaligned();
    return;
  }
  draw();
  updateNote();
  Q_EMIT capabilitiesChanged();
}

void CompareView::showMisaligned() {
  showNothing();
  QString text;
  if (m_comparison->mismatch)
    text = tr("A and B have different tokens from position %1 of %2. ")
               .arg(m_comparison->mismatch->position)
               .arg(QString::fromStdString(m_comparison->mismatch->sequence));
  else if (m_comparison->aligned == 0)
    text = tr("A and B have no document in common. ");
  text += tr("%1 of %2 documents align.").arg(m_comparison->aligned).arg(m_comparison->documents);
  std::vector<StateAction> actions;
  if (m_comparison->aligned > 0)
    actions.push_back({tr("Compare these"), [this] {
                         m_partsAccepted = true;
                         clearState();
                         accept();
                       }});
  showEmpty({}, text, actions);
}

void CompareView::showNothing() {
  for (FigurePanel* panel : panels())
    panel->showPlaceholder(6, 32);
  m_headline->clear();
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

QString CompareView::caution() const {
  if (!m_comparison)
    return {};
  if (m_comparesSample)
    return tr("Preview from %1 of the tokens; exact numbers follow.").arg(grouped(m_comparison->alignedTokens));
  return fewDocuments(m_comparison->aligned, m_shownRows.isEmpty() ? tr("in common") : tr("in the filter"));
}

QString CompareView::headline() const { return m_headline->text(); }

void CompareView::draw() {
  if (!m_comparison)
    return;
  const jobs::TraceComparison& found = *m_comparison;
  const auto strong = [](const QString& text) { return "<b>" + text + "</b>"; };
  const ChartSpec chart = agreementChart(found);
  const QString overall = found.overall.interval ? valueText(found.overall.value, *found.overall.interval) : valueText(found.overall.value);
  m_headline->setText(tr("%1 %2").arg(chart.title, strong(overall)) + "&nbsp;&nbsp;&nbsp;&nbsp;" +
                      tr("Aligned tokens %1 of %2").arg(strong(grouped(found.alignedTokens)), grouped(found.tokens)) +
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
                  QString::fromStdString("switchyard analyze " + jobs::shellQuoted(a->trace->path().string()) +
                                         " --with agreement --reference " + jobs::shellQuoted(b->trace->path().string()) +
                                         jobs::flagsOf(m_shownRows)));
}

void CompareView::showDocument() {
  const Item* a = workbench().document().item(m_shown.first);
  const int index = m_document ? m_document->currentIndex() : -1;
  if (!m_comparison || !a || index < 0)
    return;
  const auto at = static_cast<std::size_t>(index);
  const std::int64_t first = m_comparison->firstToken[at], last = m_comparison->firstToken[at + 1];
  std::vector<float> values(m_comparison->tokenAgreement.begin() + first, m_comparison->tokenAgreement.begin() + last);
  const std::vector<std::int32_t> positions(m_comparison->tokenPosition.begin() + first, m_comparison->tokenPosition.begin() + last);
  workbench().jobs().run<QStringList>(
      {tr("Read the tokens of %1").arg(m_document->currentText()), "tokens"}, this,
      [trace = a->trace, sequence = m_comparison->sequenceIndex[at], positions](const JobContext&) -> base::Result<QStringList> {
        const auto reader = SY_TRY(trace->reader());
        const trace::SequenceInfo info = SY_TRY(reader->sequence(sequence, trace::SequenceText::Skip));
        const auto tokenizer = jobs::loadTokenizer(trace->meta().modelPath);
        QStringList texts;
        for (const std::int32_t position : positions) {
          const std::int32_t token = info.tokens[static_cast<std::size_t>(position)];
          QString text = QString::number(token);
          if (tokenizer) {
            const std::string_view bytes = tokenizer->bytes(base::TokenId(token));
            text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size())).replace('\n', QChar(0x23CE)).replace('\t', "    ");
          }
          texts << text;
        }
        return texts;
      },
      [this, values = std::move(values)](base::Result<std::shared_ptr<const QStringList>> texts) {
        if (texts)
          m_tokens->setTokens(**texts, values);
      });
}

void CompareView::saveChoices(QVariantMap& choices) const {
  choices["a"] = m_a->currentData();
  choices["b"] = m_b->currentData();
  if (m_values) {
    choices["values"] = m_values->currentData();
    choices["normalise"] = m_normalise->isChecked();
  }
  choices["chosen"] = m_isChosen;
  choices["at"] = m_at->currentData();
}

void CompareView::restoreChoices(const QVariantMap& choices) {
  if (m_values) {
    m_values->setCurrentIndex(std::max(0, m_values->findData(choices.value("values"))));
    m_normalise->setChecked(choices.value("normalise").toBool());
  }
  if (choices.value("chosen").toBool())
    setTraces(choices.value("a").toInt(), choices.value("b").toInt());
  setAt(choices.value("at").toInt());
}

} // namespace switchyard::studio
