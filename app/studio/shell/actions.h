#pragma once

#include <functional>
#include <vector>

#include <QAction>
#include <QKeySequence>
#include <QObject>
#include <QStringList>

namespace switchyard::studio {

/// Where a shortcut acts.
enum class ActionScope {
  Window, ///< everywhere in the window
  Figure, ///< only while a figure (a view's canvas) has the focus: single letters, arrows
};

/// An action as menus, the palette and the keys help show it.
struct ActionSpec {
  QString id;    ///< "file.open-model", never translated
  QString title; ///< "Open model..."
  QString group; ///< menu and palette heading: "File"
  QList<QKeySequence> keys{};
  QString icon{};         ///< of resources/icons; empty: none
  QStringList synonyms{}; ///< further words that find it in the palette
  ActionScope scope = ActionScope::Window;
  bool checkable = false;
};

/// Every action of the window, once: menus, tool bar, palette and keys help are made from it.
class ActionTable : public QObject {
  Q_OBJECT
public:
  struct Entry {
    ActionSpec spec;
    QAction* action; ///< owned by the table
    QString reason;  ///< why it is disabled; empty while enabled
  };

  /// Adds an action; an id is added once. `run` gets the checked state.
  QAction* add(const ActionSpec& spec, std::function<void(bool)> run);
  QAction* action(const QString& id) const; ///< null if there is none
  const std::vector<Entry>& entries() const { return m_entries; }
  /// Enables, or disables with the reason that the palette and tooltips show.
  void setEnabled(const QString& id, bool enabled, const QString& reason = {});
  /// Makes all Figure actions work while `widget` has the focus, those added later too.
  void attachToFigure(QWidget* widget);

Q_SIGNALS:
  void triggered(const QString& id); ///< for "recent first"

private:
  Entry* find(const QString& id);
  static void updateTooltip(const Entry& entry);
  std::vector<Entry> m_entries;
  QList<QWidget*> m_figures;
};

} // namespace switchyard::studio
