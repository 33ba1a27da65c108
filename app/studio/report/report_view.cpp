#include "app/studio/report/report_view.h"

#include <QApplication>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTemporaryDir>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/jobs/report/report.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kPreviewDelayMs = 120;
constexpr int kPreviewPages = 12;

QLabel* fieldLabel(const QString& text, QWidget* field) {
  auto* label = new QLabel(text);
  label->setProperty("muted", true);
  label->setBuddy(field);
  field->setAccessibleName(text);
  return label;
}

} // namespace

ReportView::ReportView(Workbench& workbench, const QString& id, const QString& title)
    : View(workbench, id, title), m_export(new QPushButton(tr("Export…"))), m_paper(new QComboBox),
      m_list(new EntryList(workbench.document())), m_preview(new PagePreview),
      m_doctor(std::make_shared<jobs::report::TraceDoctor>()) {
  m_export->setProperty("primary", true);
  m_export->setObjectName("exportReport");
  m_export->setToolTip(tr("Write the report as HTML, PDF or Markdown (Ctrl+Shift+E)"));
  m_paper->addItem("A4", false);
  m_paper->addItem(tr("Letter"), true);
  addControl(m_export);
  addControl(tr("Paper"), m_paper);
  addControlStretch();
  auto* hint = new QLabel(tr("Ctrl+D adds what any other view shows"));
  hint->setProperty("muted", true);
  addControl(hint);
  auto* split = new QSplitter(Qt::Horizontal);
  split->addWidget(makeEditor());
  split->addWidget(m_preview);
  split->setStretchFactor(1, 1);
  split->setSizes({Theme::instance().px(300), Theme::instance().px(520)});
  split->setAccessibleName(title);
  setCanvas(split);
  split->setFocusProxy(m_list);
  m_previewDelay.setSingleShot(true);
  m_previewDelay.setInterval(kPreviewDelayMs);
  connect(&m_previewDelay, &QTimer::timeout, this, &ReportView::startPreview);
  connect(m_export, &QPushButton::clicked, this, &ReportView::chooseExport);
  connect(m_paper, &QComboBox::activated, this, [this] { follow(); });
  connect(m_list, &EntryList::currentIdChanged, this, &ReportView::showEntry);
  connect(m_list, &EntryList::showRequested, this, &ReportView::showInView);
  connect(&workbench.document(), &Document::reportChanged, this, &ReportView::follow);
  follow();
}

QToolButton* ReportView::makeButton(const QString& image, const QString& name, const QString& keys) {
  auto* button = new QToolButton;
  button->setIcon(icon(image));
  button->setToolTip(QString("%1 (%2)").arg(name, keys));
  button->setAccessibleName(name);
  return button;
}

QWidget* ReportView::makeEditor() {
  auto* editor = new QWidget;
  editor->setMinimumWidth(220);
  auto* column = new QVBoxLayout(editor);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* head = new QFormLayout;
  head->setContentsMargins(10, 10, 10, 10);
  head->setSpacing(6);
  m_title = new QLineEdit;
  m_title->setPlaceholderText(tr("Switchyard report"));
  m_question = new QLineEdit;
  m_question->setPlaceholderText(tr("What is it to answer?"));
  head->addRow(fieldLabel(tr("Title"), m_title), m_title);
  head->addRow(fieldLabel(tr("Question"), m_question), m_question);
  m_title->setAccessibleName(tr("Title of the report"));
  m_question->setAccessibleName(tr("Question of the report"));
  column->addLayout(head);
  auto* row = new QWidget;
  row->setObjectName("figureHeader");
  row->setAttribute(Qt::WA_StyledBackground);
  auto* buttons = new QHBoxLayout(row);
  buttons->setContentsMargins(10, 2, 6, 2);
  buttons->setSpacing(2);
  auto* entries = new QLabel(tr("Entries"));
  entries->setObjectName("figureTitle");
  buttons->addWidget(entries, 1);
  m_show = makeButton("box-arrow-up-right", tr("Show in its view"), tr("Enter"));
  m_up = makeButton("chevron-up", tr("Move up"), tr("Alt+Up"));
  m_down = makeButton("chevron-down", tr("Move down"), tr("Alt+Down"));
  m_remove = makeButton("x", tr("Remove from the report"), tr("Delete"));
  for (QToolButton* button : {m_show, m_up, m_down, m_remove})
    buttons->addWidget(button);
  column->addWidget(row);
  column->addWidget(m_list, 1);
  m_form = makeEntryForm();
  column->addWidget(m_form);
  connect(m_show, &QToolButton::clicked, this, [this] { showInView(m_list->currentId()); });
  connect(m_up, &QToolButton::clicked, m_list, [this] { m_list->moveCurrent(-1); });
  connect(m_down, &QToolButton::clicked, m_list, [this] { m_list->moveCurrent(1); });
  connect(m_remove, &QToolButton::clicked, m_list, [this] { m_list->removeCurrent(); });
  connect(m_title, &QLineEdit::editingFinished, this, &ReportView::commitFields);
  connect(m_question, &QLineEdit::editingFinished, this, &ReportView::commitFields);
  return editor;
}

QWidget* ReportView::makeEntryForm() {
  auto* form = new QWidget;
  form->setAttribute(Qt::WA_StyledBackground);
  auto* rows = new QFormLayout(form);
  rows->setContentsMargins(10, 8, 10, 10);
  rows->setSpacing(6);
  m_entryTitle = new QLineEdit;
  m_note = new QPlainTextEdit;
  m_note->setTabChangesFocus(true);
  m_note->setFixedHeight(Theme::instance().px(78));
  m_note->setPlaceholderText(tr("What is to be seen"));
  rows->addRow(fieldLabel(tr("Heading"), m_entryTitle), m_entryTitle);
  rows->addRow(fieldLabel(tr("Note"), m_note), m_note);
  m_entryTitle->setAccessibleName(tr("Heading of the entry"));
  m_note->setAccessibleName(tr("Note on the entry"));
  connect(m_entryTitle, &QLineEdit::editingFinished, this, &ReportView::commitFields);
  m_note->installEventFilter(this);
  return form;
}

bool ReportView::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_note && event->type() == QEvent::FocusOut)
    commitFields();
  return View::eventFilter(watched, event);
}

void ReportView::commitFields() {
  // Each change lets the fields follow the report: what was typed is taken first.
  const auto typed = [](QLineEdit* field) {
    const bool is = field->isModified();
    field->setModified(false);
    return is ? std::optional(field->text()) : std::nullopt;
  };
  const std::optional<QString> title = typed(m_title), question = typed(m_question);
  const std::optional<QString> heading = typed(m_entryTitle);
  std::optional<QString> note;
  if (m_note->document()->isModified())
    note = m_note->toPlainText();
  m_note->document()->setModified(false);
  const int entry = m_shown;
  ReportEdits& edits = m_list->edits();
  if (title)
    edits.setTitle(*title);
  if (question)
    edits.setQuestion(*question);
  if (heading)
    edits.setEntryTitle(entry, *heading);
  if (note)
    edits.setNote(entry, *note);
}

void ReportView::follow() {
  const ReportDraft& draft = *workbench().document().report();
  const auto put = [](QLineEdit* field, const QString& text) {
    if (field->text().trimmed() != text) {
      field->setText(text);
      field->setCursorPosition(0);
    }
  };
  put(m_title, draft.title);
  put(m_question, draft.question);
  const bool empty = draft.entries.empty();
  m_export->setEnabled(!empty);
  m_form->setVisible(!empty);
  showEntry();
  m_previewIsOld = true;
  if (empty) {
    m_previewDelay.stop();
    workbench().jobs().cancel(m_previewJob);
    m_preview->setHint(tr("The report is empty. In any view, Ctrl+D adds the figure or table that it shows; "
                          "Ctrl+Alt+D adds its headline numbers."));
    m_preview->setPages({}, 0);
  } else {
    m_preview->setHint(tr("Drawing the pages…"));
    if (isVisible())
      m_previewDelay.start();
  }
  Q_EMIT capabilitiesChanged();
}

void ReportView::showEntry() {
  if (m_shown != m_list->currentId() && !m_list->isFollowing())
    commitFields();
  m_shown = m_list->currentId();
  const ReportDraft& draft = *workbench().document().report();
  const int row = m_list->edits().rowOf(m_shown), count = static_cast<int>(draft.entries.size());
  const ReportEntry entry = row >= 0 ? draft.entries[static_cast<std::size_t>(row)] : ReportEntry();
  if (m_entryTitle->text().trimmed() != entry.title)
    m_entryTitle->setText(entry.title);
  if (m_note->toPlainText() != entry.note)
    m_note->setPlainText(entry.note);
  m_form->setEnabled(row >= 0);
  m_up->setEnabled(row > 0);
  m_down->setEnabled(row >= 0 && row + 1 < count);
  m_remove->setEnabled(row >= 0);
  m_show->setEnabled(row >= 0 && !entry.view.isEmpty());
}

void ReportView::refresh() {
  if (m_previewIsOld && !workbench().document().report()->entries.empty())
    m_previewDelay.start();
}

bool ReportView::isLetter() const {
  return m_paper->currentData().toBool();
}

void ReportView::startPreview() {
  m_previewIsOld = false;
  m_previewJob = workbench().jobs().run<Rendered>(
      {tr("Draw the report"), "preview"}, this,
      [draft = workbench().document().report(), letter = isLetter(),
       doctor = m_doctor](const JobContext& context) -> base::Result<Rendered> {
        const QTemporaryDir folder;
        jobs::report::Description description;
        description.document = toDocument(*draft);
        SY_TRY(doctor->consult(description.document, context.threads, context.control));
        jobs::report::NativeOutput output;
        output.pages = folder.path().toStdString();
        output.mostPages = kPreviewPages;
        output.paper = letter ? jobs::report::Paper::Letter : jobs::report::Paper::A4;
        const auto drawn = SY_TRY(jobs::report::renderNatively(description, output, context.control));
        Rendered rendered;
        rendered.total = static_cast<int>(drawn.pages);
        for (const auto& file : drawn.files)
          rendered.pages.emplace_back(QString::fromStdString(file.string()));
        return rendered;
      },
      [this](base::Result<std::shared_ptr<const Rendered>> rendered) {
        m_previewJob = 0;
        if (rendered) {
          m_preview->setPages((*rendered)->pages, (*rendered)->total);
        } else {
          m_preview->setPages({}, 0);
          m_preview->setHint(rendered.error().code == base::ErrorCode::Cancelled
                                 ? tr("Cancelled by you.")
                                 : QString::fromStdString(rendered.error().describe()));
        }
      });
}

void ReportView::chooseExport() {
  commitFields();
  auto* dialog = new QFileDialog(this, tr("Export the report"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setNameFilters({tr("Web page (*.html)"), tr("PDF document (*.pdf)"), tr("Markdown (*.md)")});
  dialog->setDefaultSuffix("html");
  dialog->selectFile("report.html");
  connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
    dialog->setDefaultSuffix(filter.contains("pdf") ? "pdf" : filter.contains("md") ? "md" : "html");
  });
  connect(dialog, &QFileDialog::fileSelected, this, &ReportView::exportTo);
  dialog->open();
}

void ReportView::exportTo(const QString& path) {
  commitFields();
  workbench().jobs().run<jobs::report::ReportSummary>(
      {tr("Write %1").arg(QFileInfo(path).fileName()), "export"}, this,
      [draft = workbench().document().report(), letter = isLetter(), doctor = m_doctor,
       path](const JobContext& context) -> base::Result<jobs::report::ReportSummary> {
        jobs::report::Description description;
        description.document = toDocument(*draft);
        SY_TRY(doctor->consult(description.document, context.threads, context.control));
        jobs::report::ReportOutput output;
        output.file = path.toStdString();
        output.paper = letter ? jobs::report::Paper::Letter : jobs::report::Paper::A4;
        return jobs::report::writeReport(description, output, context.control);
      },
      [this, path](base::Result<std::shared_ptr<const jobs::report::ReportSummary>> written) {
        if (written) {
          workbench().notify(tr("Report written to %1").arg(path));
          return;
        }
        if (written.error().code != base::ErrorCode::Cancelled)
          workbench().report({tr("The report could not be written."),
                              QString::fromStdString(written.error().describe()),
                              {},
                              {{tr("Try again"), [this, path] { exportTo(path); }},
                               {tr("Choose another place…"), [this] { chooseExport(); }}},
                              "report-export"});
      });
}

void ReportView::showInView(int id) {
  const int row = m_list->edits().rowOf(id);
  if (row < 0)
    return;
  const ReportEntry entry = workbench().document().report()->entries[static_cast<std::size_t>(row)];
  workbench().showView(entry.view);
  for (QWidget* top : QApplication::topLevelWidgets())
    for (View* view : top->findChildren<View*>(entry.view))
      if (&view->workbench() == &workbench() && !entry.state.isEmpty())
        view->restoreState(entry.state);
}

QString ReportView::saveState() const {
  return QString::fromUtf8(
      QJsonDocument(QJsonObject{{"letter", isLetter()}, {"entry", m_list->currentId()}}).toJson(QJsonDocument::Compact));
}

void ReportView::restoreState(const QString& json) {
  const QJsonObject state = QJsonDocument::fromJson(json.toUtf8()).object();
  m_paper->setCurrentIndex(state.value("letter").toBool() ? 1 : 0);
  m_list->setCurrentId(state.value("entry").toInt());
}

} // namespace switchyard::studio
