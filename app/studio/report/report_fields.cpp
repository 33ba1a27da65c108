#include "app/studio/report/report_fields.h"

#include <optional>

#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QLabel* fieldLabel(const QString& text, QWidget* field) {
  auto* label = new QLabel(text);
  label->setProperty("muted", true);
  label->setBuddy(field);
  field->setAccessibleName(text);
  return label;
}

QToolButton* makeButton(const QString& image, const QString& name, const QString& keys) {
  auto* button = new QToolButton;
  button->setIcon(icon(image));
  button->setToolTip(QString("%1 (%2)").arg(name, keys));
  button->setAccessibleName(name);
  return button;
}

} // namespace

ReportFields::ReportFields(Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_workbench(workbench), m_list(new EntryList(workbench.document())),
      m_title(new QLineEdit), m_question(new QLineEdit), m_entryTitle(new QLineEdit),
      m_note(new QPlainTextEdit) {
  setMinimumWidth(220);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* head = new QFormLayout;
  head->setContentsMargins(10, 10, 10, 10);
  head->setSpacing(6);
  m_title->setPlaceholderText(tr("Switchyard report"));
  m_question->setPlaceholderText(tr("What is it to answer?"));
  head->addRow(fieldLabel(tr("Title"), m_title), m_title);
  head->addRow(fieldLabel(tr("Question"), m_question), m_question);
  m_title->setAccessibleName(tr("Title of the report"));
  m_question->setAccessibleName(tr("Question of the report"));
  column->addLayout(head);
  column->addWidget(makeButtons());
  column->addWidget(m_list, 1);
  m_form = makeEntryForm();
  column->addWidget(m_form);
  connect(m_show, &QToolButton::clicked, this,
          [this] { Q_EMIT showRequested(m_list->currentId()); });
  connect(m_up, &QToolButton::clicked, m_list, [this] { m_list->moveCurrent(-1); });
  connect(m_down, &QToolButton::clicked, m_list, [this] { m_list->moveCurrent(1); });
  connect(m_remove, &QToolButton::clicked, m_list, [this] { m_list->removeCurrent(); });
  connect(m_title, &QLineEdit::editingFinished, this, &ReportFields::commit);
  connect(m_question, &QLineEdit::editingFinished, this, &ReportFields::commit);
  connect(m_list, &EntryList::currentIdChanged, this, &ReportFields::showEntry);
  connect(m_list, &EntryList::showRequested, this, &ReportFields::showRequested);
}

QWidget* ReportFields::makeButtons() {
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
  return row;
}

QWidget* ReportFields::makeEntryForm() {
  auto* form = new QWidget;
  form->setAttribute(Qt::WA_StyledBackground);
  auto* rows = new QFormLayout(form);
  rows->setContentsMargins(10, 8, 10, 10);
  rows->setSpacing(6);
  m_note->setTabChangesFocus(true);
  m_note->setFixedHeight(Theme::instance().px(78));
  m_note->setPlaceholderText(tr("What is to be seen"));
  rows->addRow(fieldLabel(tr("Heading"), m_entryTitle), m_entryTitle);
  rows->addRow(fieldLabel(tr("Note"), m_note), m_note);
  m_entryTitle->setAccessibleName(tr("Heading of the entry"));
  m_note->setAccessibleName(tr("Note on the entry"));
  connect(m_entryTitle, &QLineEdit::editingFinished, this, &ReportFields::commit);
  m_note->installEventFilter(this);
  return form;
}

bool ReportFields::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_note && event->type() == QEvent::FocusOut)
    commit();
  return QWidget::eventFilter(watched, event);
}

void ReportFields::commit() {
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

void ReportFields::follow() {
  const ReportDraft& draft = *m_workbench.document().report();
  const auto put = [](QLineEdit* field, const QString& text) {
    if (field->text().trimmed() != text) {
      field->setText(text);
      field->setCursorPosition(0);
    }
  };
  put(m_title, draft.title);
  put(m_question, draft.question);
  m_form->setVisible(!draft.entries.empty());
  showEntry();
}

void ReportFields::showEntry() {
  if (m_shown != m_list->currentId() && !m_list->isFollowing())
    commit();
  m_shown = m_list->currentId();
  const ReportDraft& draft = *m_workbench.document().report();
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

} // namespace switchyard::studio
