#include "app/studio/shell/state_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

StateCard::StateCard(const QString& title, const QString& text,
                     const std::vector<StateAction>& actions, QWidget* parent)
    : QFrame(parent) {
  const Theme& theme = Theme::instance();
  setObjectName("stateCard");
  setAccessibleName(title.isEmpty() ? text : title);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(theme.px(24), theme.px(16), theme.px(24), theme.px(16));
  layout->setSpacing(theme.px(6));
  if (!title.isEmpty()) {
    auto* heading = new QLabel(title);
    heading->setFont(theme.font(TextSize::InspectorTitle, TextWeight::Heading));
    heading->setAlignment(Qt::AlignCenter);
    heading->setProperty("strong", true);
    layout->addWidget(heading);
  }
  m_text = new QLabel(text);
  m_text->setAlignment(Qt::AlignCenter);
  m_text->setWordWrap(true);
  m_text->setProperty("muted", true);
  m_text->setFixedWidth(theme.px(374));
  layout->addWidget(m_text, 0, Qt::AlignCenter);
  if (actions.empty())
    return;
  layout->addSpacing(theme.px(6));
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(theme.px(8));
  buttons->addStretch(1);
  bool first = true;
  for (const StateAction& action : actions) {
    auto* button = new QPushButton(action.text);
    button->setProperty("primary", first);
    first = false;
    connect(button, &QPushButton::clicked, this, [run = action.run] { run(); });
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  layout->addLayout(buttons);
}

void StateCard::setText(const QString& text) {
  m_text->setText(text);
}

} // namespace switchyard::studio
