#include "app/studio/inspector/cell_card.h"

#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QLabel* wrapped(const char* property) {
  auto* label = new QLabel;
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label->setProperty(property, true);
  return label;
}

} // namespace

CellCard::CellCard(Workbench& workbench)
    : m_workbench(workbench), m_head(new QHBoxLayout), m_title(new QLabel),
      m_source(wrapped("muted")), m_rows(new QFormLayout), m_formula(wrapped("muted")),
      m_copy(new QPushButton(tr("Copy as command line"))) {
  const Theme& theme = Theme::instance();
  m_title->setTextFormat(Qt::PlainText);
  m_title->setWordWrap(true);
  m_title->setProperty("strong", true);
  m_formula->setProperty("note", true);
  m_copy->setFlat(true);
  m_copy->setProperty("flat", true);
  auto* close = new QToolButton;
  close->setIcon(icon("x"));
  close->setToolTip(tr("Close"));
  close->setAccessibleName(tr("Close the cell"));
  m_head->addWidget(m_title, 1);
  m_head->addWidget(close, 0, Qt::AlignTop);
  m_rows->setContentsMargins(0, 0, 0, 0);
  m_rows->setVerticalSpacing(theme.px(2));
  m_rows->setLabelAlignment(Qt::AlignLeft);
  m_rows->setRowWrapPolicy(QFormLayout::WrapLongRows);
  auto* line = new QFrame;
  line->setObjectName("separator");
  line->setFixedHeight(1);
  line->setStyleSheet("border: 0; background: palette(mid);");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(theme.px(4));
  column->addLayout(m_head);
  column->addWidget(m_source);
  column->addLayout(m_rows);
  column->addWidget(m_formula);
  column->addWidget(m_copy, 0, Qt::AlignLeft);
  column->addWidget(line);
  connect(close, &QToolButton::clicked, this, [this] { Inspection::of(m_workbench).clear(); });
  connect(m_copy, &QPushButton::clicked, this, [this] {
    if (m_inspected)
      m_workbench.copyText(m_inspected->command, tr("the command line"));
  });
  hide();
}

void CellCard::showInspected(const std::optional<Inspected>& inspected) {
  setVisible(inspected.has_value());
  m_title->setFont(Theme::instance().font(TextSize::Base, TextWeight::Title));
  if (m_inspected == inspected)
    return;
  m_inspected = inspected;
  while (m_rows->rowCount() > 0)
    m_rows->removeRow(0);
  if (!inspected)
    return;
  m_title->setText(inspected->title);
  m_source->setText(inspected->source);
  m_source->setVisible(!inspected->source.isEmpty());
  for (const auto& [name, value] : inspected->rows) {
    if (value.isEmpty()) {
      QLabel* whole = wrapped("muted");
      whole->setText(name);
      m_rows->addRow(whole);
      continue;
    }
    QLabel* label = wrapped("muted");
    label->setText(name);
    QLabel* shown = wrapped("plain");
    shown->setText(value);
    shown->setAlignment(Qt::AlignRight);
    m_rows->addRow(label, shown);
  }
  m_formula->setText(inspected->formula);
  m_formula->setVisible(!inspected->formula.isEmpty());
  m_copy->setVisible(!inspected->command.isEmpty());
  setAccessibleName(text());
}

QString CellCard::text() const {
  if (!m_inspected)
    return {};
  QStringList lines = {m_inspected->title, m_inspected->source};
  for (const auto& [name, value] : m_inspected->rows)
    lines << (value.isEmpty() ? name : name + " " + value);
  lines << m_inspected->formula;
  lines.removeAll(QString());
  return lines.join('\n');
}

} // namespace switchyard::studio
