#include "app/studio/shell/actions.h"

#include <algorithm>

#include <QWidget>

#include "app/studio/theme/icons.h"

namespace switchyard::studio {

QAction* ActionTable::add(const ActionSpec& spec, std::function<void(bool)> run) {
  Q_ASSERT_X(!find(spec.id), "ActionTable", qPrintable(spec.id));
  auto* action = new QAction(spec.title, this);
  action->setObjectName(spec.id);
  action->setShortcuts(spec.keys);
  action->setCheckable(spec.checkable);
  action->setShortcutContext(spec.scope == ActionScope::Figure ? Qt::WidgetShortcut
                                                               : Qt::WindowShortcut);
  if (!spec.icon.isEmpty())
    action->setIcon(icon(spec.icon));
  connect(action, &QAction::triggered, this, [this, id = spec.id, run = std::move(run)](bool on) {
    Q_EMIT triggered(id);
    run(on);
  });
  m_entries.push_back({spec, action, {}});
  updateTooltip(m_entries.back());
  if (spec.scope == ActionScope::Figure)
    for (QWidget* figure : std::as_const(m_figures))
      figure->addAction(action);
  return action;
}

void ActionTable::updateTooltip(const Entry& entry) {
  QString text = entry.spec.title;
  text.remove('&');
  if (!entry.spec.keys.isEmpty())
    text += QString("  %1").arg(entry.spec.keys.first().toString(QKeySequence::NativeText));
  if (!entry.reason.isEmpty())
    text += "\n" + entry.reason;
  entry.action->setToolTip(text);
}

ActionTable::Entry* ActionTable::find(const QString& id) {
  const auto found =
      std::ranges::find_if(m_entries, [&id](const Entry& entry) { return entry.spec.id == id; });
  return found == m_entries.end() ? nullptr : &*found;
}

QAction* ActionTable::action(const QString& id) const {
  Entry* entry = const_cast<ActionTable*>(this)->find(id);
  return entry ? entry->action : nullptr;
}

void ActionTable::setEnabled(const QString& id, bool enabled, const QString& reason) {
  Entry* entry = find(id);
  if (!entry)
    return;
  entry->action->setEnabled(enabled);
  entry->reason = enabled ? QString() : reason;
  updateTooltip(*entry);
}

void ActionTable::attachToFigure(QWidget* widget) {
  if (m_figures.contains(widget))
    return;
  m_figures << widget;
  connect(widget, &QObject::destroyed, this, [this, widget] { m_figures.removeAll(widget); });
  for (const Entry& entry : m_entries)
    if (entry.spec.scope == ActionScope::Figure)
      widget->addAction(entry.action);
}

} // namespace switchyard::studio
