#include "app/studio/live/panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

Panel::Panel(const QString& title, const QString& question, QWidget* content)
    : m_row(new QWidget), m_header(new QHBoxLayout(m_row)), m_question(new QLabel(question)) {
  m_row->setObjectName("figureHeader");
  m_row->setAttribute(Qt::WA_StyledBackground);
  auto* name = new QLabel(title);
  name->setObjectName("figureTitle");
  m_question->setObjectName("figureQuestion");
  m_header->addWidget(name);
  m_header->addWidget(m_question);
  m_header->addStretch(1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(m_row);
  layout->addWidget(content, 1);
  connect(&Theme::instance(), &Theme::changed, this, &Panel::applyTheme);
  applyTheme();
}

void Panel::setQuestion(const QString& question) {
  if (m_question->text() != question)
    m_question->setText(question);
}

void Panel::addHeader(QWidget* widget) {
  m_header->addWidget(widget);
}

void Panel::applyTheme() {
  const Theme& theme = Theme::instance();
  m_row->setFixedHeight(theme.px(26));
  m_header->setContentsMargins(theme.px(10), 0, theme.px(10), 0);
  m_header->setSpacing(theme.px(8));
}

} // namespace switchyard::studio
