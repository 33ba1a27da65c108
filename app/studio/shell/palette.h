#pragma once

#include <QFrame>
#include <QTimer>

#include "app/studio/shell/palette_entries.h"

class QLabel;
class QLineEdit;
class QListView;

namespace switchyard::studio {

class PaletteModel;

/// The command palette: a card over the window, 620 px wide, 78 px from its top.
class Palette : public QFrame {
  Q_OBJECT
public:
  Palette(Workbench& workbench, Settings& settings, QWidget* window);

  void popUp(const QString& query = {});
  QLineEdit* field() const { return m_field; }
  const std::vector<PaletteEntry>& shown() const;
  void runCurrent();

protected:
  bool eventFilter(QObject* object, QEvent* event) override;

private:
  void search(const QString& query);
  void searchTrace(); ///< in a job; its rows join those that are shown
  void showEntries(std::vector<PaletteEntry> entries);
  void place();
  void move(int rows);
  void close(bool giveFocusBack);

  Workbench& m_workbench;
  Settings& m_settings;
  QWidget* m_window;
  QLineEdit* m_field;
  QLabel* m_count;
  QListView* m_list;
  PaletteModel* m_model;
  QTimer m_wait;
  QPointer<QWidget> m_before; ///< had the focus
};

} // namespace switchyard::studio
