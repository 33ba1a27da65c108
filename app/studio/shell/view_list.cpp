#include "app/studio/shell/view_list.h"

#include <QCoreApplication>
#include <QLabel>

#include "app/studio/shell/placeholder_view.h"

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
      entry<PlaceholderView>("live", QT_TRANSLATE_NOOP("ViewList", "Live")),
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

QWidget* makeInspector(Workbench&) {
  auto* text = new QLabel(
      tr("Nothing is selected. Click a token, a cell or an expert to see its numbers."));
  text->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
  text->setWordWrap(true);
  text->setProperty("muted", true);
  text->setMargin(16);
  return text;
}

QWidget* makeTimeline(Workbench&) {
  auto* text = new QLabel(tr("No sequences. Sequences of the open trace appear here; drag over "
                             "them to limit all views."));
  text->setProperty("muted", true);
  text->setMargin(10);
  return text;
}

QWidget* makeTransport(Workbench&) {
  return new QWidget;
}

} // namespace switchyard::studio
