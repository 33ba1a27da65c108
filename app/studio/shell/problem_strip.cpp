#include "app/studio/shell/problem_strip.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QLabel* selectable(const QString& text) {
  auto* label = new QLabel(text);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  return label;
}

} // namespace

ProblemStrip::ProblemStrip(const Problem& problem, QWidget* parent)
    : QFrame(parent), m_id(problem.id), m_title(problem.title) {
  const Theme& theme = Theme::instance();
  setObjectName("problemStrip");
  setAccessibleName(tr("Error: %1").arg(problem.title));
  setAccessibleDescription(problem.text);
  auto* outer = new QHBoxLayout(this);
  outer->setContentsMargins(theme.px(12), theme.px(12), theme.px(12), theme.px(12));
  outer->setSpacing(theme.px(10));
  auto* sign = new QLabel;
  setProperty("offer", problem.isOffer);
  sign->setPixmap(problem.isOffer
                      ? icon("info-circle", Ink::Accent).pixmap(theme.px(18), theme.px(18))
                      : icon("exclamation-octagon", Ink::Error).pixmap(theme.px(18), theme.px(18)));
  outer->addWidget(sign, 0, Qt::AlignTop);
  auto* content = new QVBoxLayout;
  content->setSpacing(theme.px(6));
  outer->addLayout(content, 1);
  QLabel* title = selectable(problem.title);
  title->setFont(theme.font(TextSize::Base, TextWeight::Heading));
  title->setProperty("strong", true);
  content->addWidget(title);
  if (!problem.text.isEmpty())
    content->addWidget(selectable(problem.text));
  if (!problem.rows.empty()) {
    auto* facts = new QGridLayout;
    facts->setHorizontalSpacing(theme.px(12));
    facts->setVerticalSpacing(theme.px(4));
    facts->setColumnStretch(1, 1);
    for (const auto& [label, value] : problem.rows) {
      const int row = facts->rowCount();
      auto* name = new QLabel(label);
      name->setProperty("muted", true);
      facts->addWidget(name, row, 0, Qt::AlignTop);
      facts->addWidget(selectable(value), row, 1);
    }
    content->addLayout(facts);
  }
  if (!problem.actions.empty()) {
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(theme.px(8));
    bool first = true;
    for (const auto& [text, run] : problem.actions) {
      auto* button = new QPushButton(text);
      button->setProperty("primary", first);
      const bool ends = first || problem.isOffer; // the first one tries again
      first = false;
      connect(button, &QPushButton::clicked, this, [this, run = run, ends] {
        if (ends)
          dismiss();
        run();
      });
      buttons->addWidget(button);
    }
    buttons->addStretch(1);
    content->addLayout(buttons);
  }
  auto* close = new QToolButton;
  close->setIcon(icon("x"));
  close->setToolTip(tr("Dismiss"));
  close->setAccessibleName(tr("Dismiss"));
  connect(close, &QToolButton::clicked, this, &ProblemStrip::dismiss);
  outer->addWidget(close, 0, Qt::AlignTop);
}

void ProblemStrip::dismiss() {
  hide();
  Q_EMIT dismissed();
  deleteLater();
}

} // namespace switchyard::studio
