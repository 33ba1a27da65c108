#pragma once

#include <QDialog>

#include "app/studio/shell/settings.h"
#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// Every action with its keys, by group.
class KeysDialog : public QDialog {
  Q_OBJECT
public:
  KeysDialog(const ActionTable& actions, QWidget* parent);
};

/// Theme, UI scale, reduced motion, negative cells. Acts at once.
class PreferencesDialog : public QDialog {
  Q_OBJECT
public:
  PreferencesDialog(Settings& settings, QWidget* parent);
};

} // namespace switchyard::studio
