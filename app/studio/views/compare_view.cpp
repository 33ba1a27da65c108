#include "app/studio/views/compare_view.h"

#include <algorithm>

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QToolButton>

#include "app/studio/document/numbers.h"
#include "app/studio/shell/examples.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"
#include "app/studio/views/small_samples.h"

namespace switchyard::studio {

CompareView::CompareView(Workbench& workbench, const QString& id, const QString& title)
    : AnalysisView(workbench, id, title), m_a(new QComboBox), m_b(new QComboBox),
      m_at(new QComboBox), m_headline(new QLabel) {
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

std::vector<StateAction> CompareView::emptyActions() {
  Document& document = workbench().document();
  std::vector<StateAction> actions;
  const Item* recipe = document.currentItem(ItemKind::Recipe);
  const Item* prompts = document.currentItem(ItemKind::PromptSet);
  const Item* model = document.currentItem(ItemKind::Model);
  if (m_a->count() == 1 && recipe && prompts && model)
    actions.push_back({tr("Record \"%1\" with \"%2\"").arg(prompts->name, recipe->name),
                       [this, m = model->key, p = prompts->key, r = recipe->key] {
                         recordPrompts(workbench(), m, p, r);
                       }});
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
    showEmpty(tr("Two traces are needed"),
              tr("Open a second trace of the same text, of another model, checkpoint or recipe."),
              emptyActions());
    return;
  }
  listChoices();
  updateFilterRow();
  if (m_comparison && traces() == m_shown && m_at->currentData().toInt() == m_shownAt &&
      wantedRows() == m_shownRows && (m_shownRows.isEmpty() || isOfB() == m_shownRowsAreOfB))
    return;
  if (traces() != m_shown)
    m_partsAccepted = false;
  compare();
}

void CompareView::compare() {
  const Item* a = workbench().document().item(m_a->currentData().toInt());
  const Item* b = workbench().document().item(m_b->currentData().toInt());
  if (!a || !b || !a->trace || !b->trace)
    return;
  clearState();
  if (!m_comparison)
    showNothing();
  jobs::CompareOptions asked;
  if (m_comparison)
    asked.pairs = m_comparison->pairs;
  m_shown = {a->key, b->key};
  m_shownAt = m_at->currentData().toInt();
  m_shownRows = wantedRows();
  m_shownRowsAreOfB = isOfB();
  asked.at = m_shownAt;
  asked.a = a->trace->path();
  asked.b = b->trace->path();
  asked.openedA = a->trace;
  asked.openedB = b->trace;
  asked.rows = m_shownRows;
  asked.rowsAreOfB = m_shownRowsAreOfB;
  compare(std::move(asked), isWorthAPreview(m_shownRows));
}

jobs::RowFilter CompareView::wantedRows() const {
  return isLinked() && followsFilter() ? ResultStore::rowFilter(workbench().selection().filter())
                                       : jobs::RowFilter();
}

void CompareView::compare(jobs::CompareOptions asked, bool exactFollows) {
  const Item* a = workbench().document().item(m_shown.first);
  const Item* b = workbench().document().item(m_shown.second);
  if (!a || !b)
    return;
  jobs::CompareOptions now = asked;
  if (exactFollows) {
    now.rows.sample = sampleRows();
    now.resamples = 0; // intervals come with the exact numbers
  }
  const JobId job = workbench().jobs().run<jobs::TraceComparison>(
      {tr("Compare %1 with %2").arg(a->name, b->name), "compare"}, this,
      [now](const JobContext& context) {
        return jobs::compareTraces(now, context.threads, context.control);
      },
      [this, asked,
       exactFollows](base::Result<std::shared_ptr<const jobs::TraceComparison>> result) {
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
          showEmpty(tr("The traces cannot be compared"),
                    QString::fromStdString(result.error().message));
      });
  // A preview is not dimmed: its note says that exact numbers follow.
  if (!m_comparesSample || exactFollows)
    showLoading(job);
}

void CompareView::accept() {
  const bool noTokens =
      m_comparison->tokens == 0 || (m_comparison->aligned > 0 && m_comparison->alignedTokens == 0);
  if (noTokens && !m_shownRows.isEmpty()) {
    showNothing();
    showNoTokens();
    return;
  }
  const bool aligned = m_comparison->aligned > 0;
  workbench().document().setCompared(aligned ? m_shown.first : 0, m_shown.second);
  if (m_comparison->aligned == 0 ||
      (m_comparison->aligned < m_comparison->documents && !m_partsAccepted)) {
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

QString CompareView::caution() const {
  if (!m_comparison)
    return {};
  if (m_comparesSample)
    return tr("Preview from %1 of the tokens; exact numbers follow.")
        .arg(grouped(m_comparison->alignedTokens));
  return fewDocuments(m_comparison->aligned,
                      m_shownRows.isEmpty() ? tr("in common") : tr("in the filter"));
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
