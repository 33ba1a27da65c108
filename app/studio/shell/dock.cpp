#include "app/studio/shell/dock.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QToolButton* titleButton(const char* image, const QString& name) {
  auto* button = new QToolButton;
  button->setIcon(icon(image, Ink::TextMuted));
  button->setToolTip(name);
  button->setAccessibleName(name);
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

} // namespace

Dock::Dock(const QString& id, const QString& title, QWidget* content, QWidget* parent)
    : QDockWidget(title, parent), m_bar(new QWidget(this)), m_row(new QHBoxLayout(m_bar)),
      m_title(new QLabel(title)), m_detail(new QLabel) {
  setObjectName(id);
  setAccessibleName(title);
  m_bar->setObjectName("dockTitle");
  m_bar->setAttribute(Qt::WA_StyledBackground);
  m_title->setProperty("strong", true);
  m_detail->setProperty("muted", true);
  m_detail->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  m_row->addWidget(m_title);
  m_row->addWidget(m_detail, 1);
  QToolButton* floating = titleButton("box-arrow-up-right", tr("Float or dock %1").arg(title));
  connect(floating, &QToolButton::clicked, this, [this] { setFloating(!isFloating()); });
  m_row->addWidget(floating);
  QToolButton* closing = titleButton("x", tr("Close %1").arg(title));
  connect(closing, &QToolButton::clicked, this, &QDockWidget::close);
  m_row->addWidget(closing);
  setTitleBarWidget(m_bar);
  content->setObjectName("dockBody");
  content->setAttribute(Qt::WA_StyledBackground);
  setWidget(content);
  connect(&Theme::instance(), &Theme::changed, this, &Dock::applyTheme);
  applyTheme();
}

void Dock::setDetail(const QString& detail) {
  m_detail->setText(detail);
}

void Dock::addTitleButton(QWidget* button) {
  m_row->insertWidget(2, button);
}

void Dock::applyTheme() {
  const Theme& theme = Theme::instance();
  m_bar->setFixedHeight(theme.px(28));
  m_row->setContentsMargins(theme.px(10), 0, theme.px(6), 0);
  m_row->setSpacing(theme.px(8));
  const auto buttons = m_bar->findChildren<QToolButton*>();
  for (QToolButton* button : buttons)
    button->setIconSize({theme.px(12), theme.px(12)});
  // What lies in the dock and fills its ground itself (scroll areas) takes the dock's.
  QPalette palette = content()->palette();
  palette.setColor(QPalette::Window, theme.color(Ink::Panel));
  content()->setPalette(palette);
  m_title->setFont(theme.font(TextSize::Control, TextWeight::Heading));
}

} // namespace switchyard::studio
