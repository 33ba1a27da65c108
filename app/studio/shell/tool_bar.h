#pragma once

#include <QToolBar>

#include "app/studio/shell/workbench.h"

class QComboBox;
class QPushButton;

namespace switchyard::studio {

/// Open, undo, redo, the model, the transport, and the palette field at the right. 40 px.
class ToolBar : public QToolBar {
  Q_OBJECT
public:
  ToolBar(Workbench& workbench, QWidget* parent = nullptr);
  QComboBox* models() const { return m_models; }

Q_SIGNALS:
  void paletteWanted();

private:
  void fillModels();
  void applyTheme();

  Workbench& m_workbench;
  QComboBox* m_models;
  QPushButton* m_palette;
};

} // namespace switchyard::studio
