#include "app/studio/live/prompt_row.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>

#include "app/studio/live/player.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

const char* const kExamplePrompt =
    "Q: Tina has 93 stamps. Tina finds 2. David gives Tina 60 more. How many stamps does Tina "
    "have? <think>";

} // namespace

PromptRow::PromptRow(Player& player) : m_editor(new QPlainTextEdit(tr(kExamplePrompt))) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  auto* label = new QLabel(tr("Prompt"));
  label->setProperty("muted", true);
  label->setBuddy(m_editor);
  m_editor->setObjectName("prompt");
  m_editor->setAccessibleName(tr("Prompt"));
  m_editor->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_editor->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_editor->setLineWrapMode(QPlainTextEdit::NoWrap);
  m_editor->setTabChangesFocus(true);
  m_editor->installEventFilter(this);
  player.settings().prompt = text();
  connect(m_editor, &QPlainTextEdit::textChanged, this, [this, &player] {
    player.settings().prompt = text();
    Q_EMIT player.settingsChanged();
  });
  auto* generate = new QPushButton(tr("Generate  Ctrl+Enter"));
  generate->setToolTip(tr("Continue the prompt  Ctrl+Enter"));
  connect(generate, &QPushButton::clicked, this, &PromptRow::generateRequested);
  row->addWidget(label);
  row->addWidget(m_editor, 1);
  row->addWidget(generate);
  connect(&Theme::instance(), &Theme::changed, this, &PromptRow::applyTheme);
  applyTheme();
}

QString PromptRow::text() const {
  return m_editor->toPlainText();
}

void PromptRow::applyTheme() {
  const Theme& theme = Theme::instance();
  m_editor->setFont(theme.mono(TextSize::Control));
  m_editor->setFixedHeight(theme.px(26));
  m_editor->document()->setDocumentMargin(theme.px(3));
  m_editor->setStyleSheet("QPlainTextEdit { padding: 0 2px; min-height: 0; }"
                          "QPlainTextEdit:focus { padding: 0 1px; min-height: 0; }");
}

bool PromptRow::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (enter && (key->modifiers() & Qt::ControlModifier)) {
      Q_EMIT generateRequested();
      return true;
    }
  }
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) {
    // Several lines while it is edited, one while text runs.
    const bool open = event->type() == QEvent::FocusIn && m_editor->blockCount() > 1;
    m_editor->setFixedHeight(Theme::instance().px(open ? 26 * 3 : 26));
  }
  return QWidget::eventFilter(watched, event);
}

} // namespace switchyard::studio
