#include "app/studio/views/header_rows.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "app/studio/shell/elided_label.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QHBoxLayout* rowOf(QWidget* widget) {
  widget->setObjectName("figureHeader");
  widget->setAttribute(Qt::WA_StyledBackground);
  auto* row = new QHBoxLayout(widget);
  row->setContentsMargins(10, 2, 10, 2);
  widget->hide();
  return row;
}

} // namespace

FilterRow::FilterRow(QWidget* parent) : QWidget(parent), m_text(new QLabel) {
  auto* clear = new QToolButton;
  clear->setIcon(icon("x"));
  clear->setToolTip(tr("Clear filter"));
  clear->setAccessibleName(tr("Clear filter"));
  connect(clear, &QToolButton::clicked, this, &FilterRow::clearClicked);
  auto* row = rowOf(this);
  row->addWidget(m_text);
  row->addWidget(clear);
  row->addStretch(1);
}

void FilterRow::setText(const QString& text) {
  m_text->setText(text);
  setVisible(!text.isEmpty());
}

QString FilterRow::text() const {
  return m_text->text();
}

NoteRow::NoteRow(QWidget* parent)
    : QWidget(parent), m_text(new ElidedLabel), m_continue(new QPushButton(tr("Continue"))) {
  auto* glyph = new QLabel;
  const auto applyTheme = [glyph] {
    glyph->setPixmap(icon("info-circle").pixmap(Theme::instance().px(14)));
  };
  connect(&Theme::instance(), &Theme::changed, this, applyTheme);
  applyTheme();
  m_text->setProperty("muted", true);
  connect(m_continue, &QPushButton::clicked, this, &NoteRow::continueClicked);
  auto* row = rowOf(this);
  row->addWidget(glyph);
  row->addWidget(m_text, 1);
  row->addWidget(m_continue);
}

void NoteRow::setNote(const QString& text, bool canContinue) {
  m_text->setText(text);
  m_continue->setVisible(canContinue);
  setVisible(!text.isEmpty());
}

QString NoteRow::text() const {
  return m_text->text();
}

} // namespace switchyard::studio
