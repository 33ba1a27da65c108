// What the keyboard reaches has a name; what has only a picture says what it does.

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QAccessible>
#include <QTabBar>

#include "app/studio/shell/main_window.h"
#include "app/studio/shell/view_list.h"
#include "app/studio/theme/theme.h"
#include "tests/studio/wait.h"

namespace switchyard::studio {
namespace {

using tests::waitFor;

/// Name for messages: class and place in the tree.
std::string pathOf(const QWidget* widget) {
  QString path;
  for (const QObject* at = widget; at && path.size() < 160; at = at->parent())
    path += QString(at->metaObject()->className()) +
            (at->objectName().isEmpty() ? "" : "#" + at->objectName()) + " < ";
  return path.toStdString();
}

void expectNames(const QWidget& window) {
  for (QWidget* widget : window.findChildren<QWidget*>()) {
    if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0 ||
        widget->focusProxy() || widget->objectName().startsWith("qt_") || widget->isWindow())
      continue;
    if (const auto* tabs = qobject_cast<const QTabBar*>(widget); tabs && tabs->currentIndex() < 0)
      continue; // Qt names a tab bar by its current tab; one of docks may have none
    QAccessibleInterface* reader = QAccessible::queryAccessibleInterface(widget);
    ASSERT_TRUE(reader) << pathOf(widget);
    EXPECT_FALSE(reader->text(QAccessible::Name).trimmed().isEmpty()) << pathOf(widget);
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    if (button && button->text().isEmpty() && !button->icon().isNull()) {
      EXPECT_FALSE(button->toolTip().isEmpty()) << pathOf(widget);
    }
  }
}

TEST(Accessibility, WhatTakesTheFocusHasAName) {
  Workbench workbench(plugin::Registry::scan());
  MainWindow window(workbench);
  window.resize(1280, 800);
  window.show();
  QCoreApplication::processEvents();
  expectNames(window); // the start page
  workbench.opener().open(QString(SY_DATA) + "/demo-model");
  workbench.opener().open(QString(SY_DATA) + "/recipes/ban-and-boost.json");
  ASSERT_TRUE(waitFor([&] { return workbench.document().current(ItemKind::Model) != 0; }));
  for (const ViewEntry& entry : viewList()) {
    SCOPED_TRACE(entry.id.toStdString());
    workbench.showView(entry.id);
    ASSERT_TRUE(waitFor([&] { return workbench.jobs().active() == 0; }));
    expectNames(window);
  }
}

} // namespace
} // namespace switchyard::studio
