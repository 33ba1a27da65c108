#include "app/studio/shell/view_list.h"

#include <QCoreApplication>

#include "app/studio/inspector/inspector.h"
#include "app/studio/live/live_view.h"
#include "app/studio/live/transport.h"
#include "app/studio/shell/placeholder_view.h"
#include "app/studio/timeline/timeline.h"

namespace switchyard::studio {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("ViewList", text);
}

template <typename T> ViewEntry entry(const char* id, const char* title) {
  const QString name = QString::fromLatin1(id);
  const QString shown = tr(title);
  return {name, shown, [name, shown](Workbench& workbench) -> View* {
            return new T(workbench, name, shown);
          }};
}

} // namespace

std::vector<ViewEntry> viewList() {
  return {
      entry<LiveView>("live", QT_TRANSLATE_NOOP("ViewList", "Live")),
      entry<PlaceholderView>("experts", QT_TRANSLATE_NOOP("ViewList", "Experts")),
      entry<PlaceholderView>("coactivation", QT_TRANSLATE_NOOP("ViewList", "Co-activation")),
      entry<PlaceholderView>("specialization", QT_TRANSLATE_NOOP("ViewList", "Specialization")),
      entry<PlaceholderView>("npmi", QT_TRANSLATE_NOOP("ViewList", "nPMI")),
      entry<PlaceholderView>("agreement", QT_TRANSLATE_NOOP("ViewList", "Agreement")),
      entry<PlaceholderView>("cache", QT_TRANSLATE_NOOP("ViewList", "Cache")),
      entry<PlaceholderView>("steer", QT_TRANSLATE_NOOP("ViewList", "Steer")),
      entry<PlaceholderView>("compare", QT_TRANSLATE_NOOP("ViewList", "Compare")),
  };
}

QWidget* makeInspector(Workbench& workbench) {
  return new Inspector(Player::of(workbench), workbench);
}

QWidget* makeTimeline(Workbench& workbench) {
  return new Timeline(Player::of(workbench), workbench);
}

QWidget* makeTransport(Workbench& workbench) {
  return new Transport(Player::of(workbench), workbench);
}

} // namespace switchyard::studio
