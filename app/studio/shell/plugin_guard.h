#pragma once

#include <memory>

#include <QObject>

#include "app/studio/shell/workbench.h"

namespace switchyard::studio {

/// What happens when a plugin breaks off: it is switched off, the window says so, and one click
/// switches it on again. A plugin that throws or hangs is off at once; one that ends the program is
/// off when it starts again. Error results are said where they happen and change nothing. One per
/// window; GUI thread.
class PluginGuard : public QObject {
  Q_OBJECT
public:
  PluginGuard(Workbench& workbench, QObject* parent);
  ~PluginGuard() override;

  /// From now on a crash leaves a note; plugins that left one are switched off until somebody
  /// switches them on. Before anything is made of a plugin.
  void watchForCrashes();
  /// Says which plugins ended an earlier run.
  void sayWhatCrashed();
  /// Takes switching off back, for good.
  void switchOn(const QString& id);
  static QString notesPath(); ///< in the user's data folder

private:
  struct Line;
  void say(const QString& id, const QString& name, const QString& what,
           const std::vector<std::pair<QString, QString>>& details);

  Workbench& m_workbench;
  std::shared_ptr<Line> m_line; ///< from threads of plugins to this
};

} // namespace switchyard::studio
