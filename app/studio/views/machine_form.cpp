#include "app/studio/views/machine_form.h"

#include <algorithm>

#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"

namespace switchyard::studio {

namespace {

constexpr int kMostStepTokens = 1 << 20;

} // namespace

MachineForm::MachineForm(QWidget* parent)
    : QWidget(parent), m_fields(new OptionForm(jobs::machineOptions(), "machine")),
      m_step(new QSpinBox), m_fromModel(new QPushButton(tr("From the model"))) {
  auto* title = new QLabel(tr("Machine"));
  title->setProperty("strong", true);
  title->setContentsMargins(10, 8, 10, 0);
  auto* open = new QPushButton(icon("folder2-open"), tr("File…"));
  open->setObjectName("machine-file");
  open->setToolTip(
      tr("Read a machine description (JSON), as --machine of the command line takes it"));
  m_fromModel->setObjectName("machine-model");
  m_fromModel->setToolTip(tr("Hidden size, expert width and expert size of the traced model"));
  auto* buttons = new QHBoxLayout;
  buttons->setContentsMargins(10, 6, 10, 0);
  buttons->setSpacing(6);
  buttons->addWidget(open);
  buttons->addWidget(m_fromModel);
  buttons->addStretch(1);
  m_step->setObjectName("step-tokens");
  m_step->setAccessibleName(tr("Tokens per step"));
  m_step->setToolTip(
      tr("Tokens of a sequence that run together: 1 is decoding, more is prefill in chunks"));
  m_step->setRange(1, kMostStepTokens);
  const auto setUnit = [this](int tokens) {
    m_step->setSuffix(tokens == 1 ? tr(" token") : tr(" tokens"));
  };
  connect(m_step, &QSpinBox::valueChanged, this, setUnit);
  setUnit(m_step->value());
  auto* label = new QLabel(tr("Step"));
  label->setProperty("muted", true);
  label->setBuddy(m_step);
  auto* step = new QFormLayout;
  step->setContentsMargins(10, 6, 10, 0);
  step->setRowWrapPolicy(QFormLayout::WrapAllRows);
  step->addRow(label, m_step);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(title);
  column->addLayout(buttons);
  column->addLayout(step);
  column->addWidget(m_fields);
  connect(open, &QPushButton::clicked, this, &MachineForm::chooseFile);
  connect(m_fromModel, &QPushButton::clicked, this, [this] {
    if (const auto taken = takeFromModel(); !taken)
      Q_EMIT failed(tr("The model's sizes could not be read."),
                    QString::fromStdString(taken.error().describe()));
  });
  connect(m_fields, &OptionForm::changed, this, &MachineForm::changed);
  connect(m_step, &QSpinBox::valueChanged, this, &MachineForm::changed);
  setModelFolder({});
}

trace::MachineDescription MachineForm::machine() const {
  return jobs::machineOf(m_fields->arguments()).value_or(trace::MachineDescription());
}

void MachineForm::setMachine(const trace::MachineDescription& machine) {
  // Every field, so that what the machine does not say goes back to its default.
  plugin::OptionArguments all = jobs::argumentsOf(machine);
  for (const plugin::OptionSpec& spec : jobs::machineOptions()) {
    const bool given =
        std::ranges::any_of(all, [&](const auto& argument) { return argument.first == spec.name; });
    if (!given)
      all.emplace_back(spec.name,
                       spec.defaults ? plugin::toText(spec.defaults->front()) : std::string());
  }
  m_fields->setArguments(all);
}

int MachineForm::stepTokens() const {
  return m_step->value();
}

void MachineForm::setStepTokens(int tokens) {
  m_step->setValue(tokens);
}

base::Result<void> MachineForm::openFile(const QString& path) {
  setMachine(SY_TRY(jobs::readMachine(path.toStdString())));
  return {};
}

void MachineForm::setModelFolder(const QString& folder) {
  m_folder = folder;
  m_fromModel->setEnabled(!folder.isEmpty());
}

base::Result<void> MachineForm::takeFromModel() {
  setMachine(jobs::withModel(machine(), SY_TRY(model::readConfig(m_folder.toStdString()))));
  return {};
}

void MachineForm::chooseFile() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Choose a machine description"), {},
                                                    tr("Machines (*.json);;All files (*)"));
  if (path.isEmpty())
    return;
  if (const auto read = openFile(path); !read)
    Q_EMIT failed(tr("The machine description could not be read."),
                  QString::fromStdString(read.error().describe()));
}

} // namespace switchyard::studio
