#include "app/studio/shell/view_area.h"

#include <algorithm>

#include <QApplication>
#include <QCloseEvent>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTabWidget>
#include <QVBoxLayout>

#include "app/studio/shell/view_list.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// A window around a floating view; closing it gives the view back.
class ViewWindow : public QWidget {
public:
  ViewWindow(View* view, std::function<void(View*)> giveBack, QWidget* parent)
      : QWidget(parent, Qt::Window), m_view(view), m_giveBack(std::move(giveBack)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(view->title());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(view);
    resize(900, 600);
  }

protected:
  void closeEvent(QCloseEvent* event) override {
    if (m_view && m_view->parentWidget() == this)
      m_giveBack(m_view);
    QWidget::closeEvent(event);
  }

private:
  QPointer<View> m_view;
  std::function<void(View*)> m_giveBack;
};

} // namespace

ViewArea::ViewArea(Workbench& workbench, QWidget* parent)
    : QSplitter(Qt::Horizontal, parent), m_workbench(workbench),
      m_shelf(std::make_unique<QWidget>()) {
  setObjectName("viewArea");
  setChildrenCollapsible(false);
  QTabWidget* group = addGroup();
  for (const ViewEntry& entry : viewList()) {
    View* view = entry.make(workbench);
    m_views.push_back(view);
    put(view, group);
  }
  group->setCurrentIndex(0);
  m_current = m_views.front();
  connect(qApp, &QApplication::focusChanged, this,
          [this](QWidget*, QWidget* now) { noticeFocus(now); });
}

ViewArea::~ViewArea() = default;

QTabWidget* ViewArea::addGroup() {
  auto* group = new QTabWidget;
  group->setDocumentMode(true);
  group->setMovable(true);
  group->setUsesScrollButtons(true);
  group->setAccessibleName(tr("Views"));
  group->setFocusPolicy(Qt::NoFocus);
  addWidget(group);
  m_groups.push_back(group);
  connect(group, &QTabWidget::currentChanged, this, [this, group](int index) {
    if (auto* view = qobject_cast<View*>(group->widget(index))) {
      m_current = view;
      Q_EMIT currentChanged();
    }
  });
  return group;
}

void ViewArea::noticeFocus(QWidget* now) {
  for (QWidget* at = now; at; at = at->parentWidget())
    if (auto* view = qobject_cast<View*>(at)) {
      if (m_current != view) {
        m_current = view;
        Q_EMIT currentChanged();
      }
      return;
    }
}

View* ViewArea::view(const QString& id) const {
  const auto found =
      std::ranges::find_if(m_views, [&id](const View* view) { return view->id() == id; });
  return found == m_views.end() ? nullptr : *found;
}

View* ViewArea::current() const {
  return m_current;
}

QTabWidget* ViewArea::groupOf(const View* view) const {
  for (QTabWidget* group : m_groups)
    if (group->indexOf(const_cast<View*>(view)) >= 0)
      return group;
  return nullptr;
}

void ViewArea::put(View* view, QTabWidget* group) {
  // Its place among the views of view_list.cpp that are there.
  const auto rank = [this](const QWidget* widget) {
    return std::ranges::find(m_views, widget) - m_views.begin();
  };
  int at = 0;
  while (at < group->count() && rank(group->widget(at)) < rank(view))
    ++at;
  group->insertTab(at, view, view->title());
}

void ViewArea::take(View* view) {
  QTabWidget* group = groupOf(view);
  QWidget* around = group || view->parentWidget() == m_shelf.get() ? nullptr : view->window();
  if (group)
    group->removeTab(group->indexOf(view));
  view->setParent(m_shelf.get());
  if (around)
    around->close();
}

void ViewArea::removeEmptyGroups() {
  for (std::size_t i = m_groups.size(); i-- > 0;)
    if (m_groups[i]->count() == 0 && m_groups.size() > 1) {
      m_groups[i]->deleteLater();
      m_groups[i]->hide();
      m_groups.erase(m_groups.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void ViewArea::show(const QString& id) {
  View* wanted = view(id);
  if (!wanted)
    return;
  QTabWidget* group = groupOf(wanted);
  if (!group && wanted->isVisible() && wanted->window() != window()) {
    wanted->window()->raise();
    wanted->window()->activateWindow();
  } else {
    if (!group) {
      group = m_current && groupOf(m_current) ? groupOf(m_current) : m_groups.front();
      put(wanted, group);
    }
    group->setCurrentWidget(wanted);
  }
  if (m_current != wanted) {
    m_current = wanted;
    Q_EMIT currentChanged();
  }
}

void ViewArea::addView(View* view) {
  m_views.push_back(view);
  put(view, m_groups.front());
  show(view->id());
}

void ViewArea::splitRight() {
  View* moved = current();
  QTabWidget* from = moved ? groupOf(moved) : nullptr;
  if (!from || from->count() < 2)
    return;
  const auto at = std::ranges::find(m_groups, from);
  QTabWidget* to = at + 1 != m_groups.end() ? *(at + 1) : addGroup();
  take(moved);
  put(moved, to);
  to->setCurrentWidget(moved);
  QList<int> sizes;
  for (std::size_t i = 0; i < m_groups.size(); ++i)
    sizes << width() / static_cast<int>(m_groups.size());
  setSizes(sizes);
  m_current = moved;
  Q_EMIT currentChanged();
}

void ViewArea::floatCurrent() {
  View* moved = current();
  if (!moved || !groupOf(moved))
    return;
  take(moved);
  removeEmptyGroups();
  auto* around = new ViewWindow(
      moved, [this](View* view) { put(view, m_groups.front()); }, window());
  moved->show();
  around->show();
  m_current = moved;
  Q_EMIT currentChanged();
}

void ViewArea::closeCurrent() {
  View* closed = current();
  QTabWidget* group = closed ? groupOf(closed) : nullptr;
  if (!group || (m_groups.size() == 1 && group->count() == 1))
    return;
  take(closed);
  removeEmptyGroups();
  QTabWidget* left =
      std::ranges::find(m_groups, group) != m_groups.end() ? group : m_groups.front();
  m_current = qobject_cast<View*>(left->currentWidget());
  Q_EMIT currentChanged();
}

void ViewArea::showNext(int steps) {
  QTabWidget* group = m_current ? groupOf(m_current) : nullptr;
  if (group && group->count() > 0)
    group->setCurrentIndex((group->currentIndex() + steps + group->count()) % group->count());
}

void ViewArea::joinAll() {
  // Moving ten views costs tens of ms: nothing moves where nothing has to.
  if (m_groups.size() == 1 && m_groups.front()->count() == static_cast<int>(m_views.size()))
    return;
  const QPointer<View> shown = m_current;
  for (View* view : m_views)
    take(view);
  while (m_groups.size() > 1)
    removeEmptyGroups();
  for (View* view : m_views)
    put(view, m_groups.front());
  if (shown)
    show(shown->id());
}

QString ViewArea::saveState() const {
  QJsonArray groups;
  for (const QTabWidget* group : m_groups) {
    QJsonArray ids;
    for (int i = 0; i < group->count(); ++i)
      ids << qobject_cast<View*>(group->widget(i))->id();
    const auto* shown = qobject_cast<View*>(group->currentWidget());
    groups << QJsonObject{{"views", ids}, {"shown", shown ? shown->id() : QString()}};
  }
  const QJsonObject state{{"groups", groups},
                          {"current", m_current ? m_current->id() : QString()},
                          {"sizes", QString::fromLatin1(QSplitter::saveState().toBase64())}};
  return QString::fromUtf8(QJsonDocument(state).toJson(QJsonDocument::Compact));
}

void ViewArea::restoreState(const QString& text) {
  const QJsonObject state = QJsonDocument::fromJson(text.toUtf8()).object();
  const QJsonArray groups = state["groups"].toArray();
  if (groups.isEmpty())
    return;
  joinAll();
  for (View* view : m_views)
    take(view);
  for (qsizetype i = 0; i < groups.size(); ++i) {
    QTabWidget* group = i == 0 ? m_groups.front() : addGroup();
    const QJsonArray ids = groups[i].toObject()["views"].toArray();
    for (const QJsonValue& id : ids)
      if (View* placed = view(id.toString()); placed && !groupOf(placed))
        group->addTab(placed, placed->title());
    if (View* shown = view(groups[i].toObject()["shown"].toString()))
      group->setCurrentWidget(shown);
  }
  removeEmptyGroups();
  if (m_groups.front()->count() == 0)
    joinAll();
  QSplitter::restoreState(QByteArray::fromBase64(state["sizes"].toString().toLatin1()));
  show(state["current"].toString());
}

} // namespace switchyard::studio
