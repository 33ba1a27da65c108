#pragma once

#include <QWidget>

#include "app/jobs/machine.h"
#include "app/studio/views/option_form.h"

class QPushButton;
class QSpinBox;

namespace switchyard::studio {

/// The machine that simulators price, as a form: its fields typed, read from a file as --machine
/// takes it, or taken from the traced model; and how many tokens run together as one step.
class MachineForm : public QWidget {
  Q_OBJECT
public:
  explicit MachineForm(QWidget* parent = nullptr);

  bool isValid() const { return m_fields->isValid(); }
  /// As typed; an empty description while a field is not valid.
  trace::MachineDescription machine() const;
  void setMachine(const trace::MachineDescription& machine);
  int stepTokens() const;
  void setStepTokens(int tokens);
  OptionForm* fields() const { return m_fields; }

  /// Fields from a file; what is not in it goes back to unknown. Errors: those of
  /// jobs::readMachine.
  base::Result<void> openFile(const QString& path);
  /// The checkpoint whose sizes "From the model" fills in; empty: none.
  void setModelFolder(const QString& folder);
  /// Hidden size, expert width and expert size of the model. Errors: those of model::readConfig.
  base::Result<void> takeFromModel();

Q_SIGNALS:
  void changed();
  void failed(const QString& title, const QString& text);

private:
  void chooseFile();

  OptionForm* m_fields;
  QSpinBox* m_step;
  QPushButton* m_fromModel;
  QString m_folder;
};

} // namespace switchyard::studio
