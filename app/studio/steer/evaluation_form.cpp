#include "app/studio/steer/evaluation_form.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QToolButton>

#include "app/studio/theme/icons.h"

namespace switchyard::studio {

EvaluationForm::EvaluationForm(QWidget* parent)
    : QWidget(parent), m_tasks(new QLineEdit), m_scorer(new QLineEdit), m_only(new QLineEdit),
      m_limit(new QSpinBox) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(10, 4, 10, 4);
  row->setSpacing(6);
  const auto add = [&](const QString& name, QWidget* field, int stretch) {
    auto* label = new QLabel(name);
    label->setProperty("muted", true);
    label->setBuddy(field);
    field->setAccessibleName(name);
    row->addWidget(label);
    row->addWidget(field, stretch);
  };
  m_tasks->setToolTip(tr("JSONL file: one problem a row, with \"prompt\" and \"answer\""));
  m_scorer->setToolTip(tr("Scorer of problems that name none: exact, numeric, contains, "
                          "regex:pattern=P; exact:after=A: looks behind \"A:\""));
  m_only->setPlaceholderText("style=think");
  m_only->setToolTip(tr("LABEL=VALUE: problems with this label only"));
  m_limit->setRange(0, 1'000'000);
  m_limit->setSpecialValueText(tr("all"));
  m_limit->setToolTip(tr("Of those, the first"));
  auto* browseButton = new QToolButton;
  browseButton->setIcon(icon("folder2-open"));
  browseButton->setToolTip(tr("Choose a file of problems"));
  browseButton->setAccessibleName(tr("Choose a file of problems"));
  connect(browseButton, &QToolButton::clicked, this, &EvaluationForm::browse);
  add(tr("File"), m_tasks, 4);
  row->addWidget(browseButton);
  add(tr("Scorer"), m_scorer, 3);
  add(tr("Only"), m_only, 2);
  add(tr("First"), m_limit, 0);
  for (QLineEdit* field : {m_tasks, m_scorer, m_only})
    connect(field, &QLineEdit::textChanged, this, &EvaluationForm::changed);
  connect(m_limit, &QSpinBox::valueChanged, this, &EvaluationForm::changed);
}

EvaluationSettings EvaluationForm::settings() const {
  return {m_tasks->text().trimmed(), m_scorer->text().trimmed(), m_only->text().trimmed(),
          m_limit->value()};
}

void EvaluationForm::setSettings(const EvaluationSettings& settings) {
  m_tasks->setText(settings.tasks);
  m_scorer->setText(settings.scorer);
  m_only->setText(settings.only);
  m_limit->setValue(settings.limit);
}

void EvaluationForm::browse() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Choose a file of problems"),
                                                    m_tasks->text(), tr("Problems (*.jsonl)"));
  if (!path.isEmpty())
    m_tasks->setText(path);
}

} // namespace switchyard::studio
