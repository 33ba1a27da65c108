#pragma once

#include <vector>

#include <QSplitter>

#include "app/studio/shell/view.h"

class QTabWidget;

namespace switchyard::studio {

/// The centre: views as tabs in one or more groups beside each other; a view can float in a window
/// of its own. A view that is closed leaves its tab; show() brings it back.
class ViewArea : public QSplitter {
  Q_OBJECT
public:
  explicit ViewArea(Workbench& workbench, QWidget* parent = nullptr);
  ~ViewArea() override;

  View* view(const QString& id) const; ///< null if there is none
  const std::vector<View*>& views() const { return m_views; }
  View* current() const; ///< the one that was used last
  void show(const QString& id);
  /// Adds a view after the nine (a plugin's result). Takes it.
  void addView(View* view);

  void splitRight();   ///< moves the current view into a group beside its own
  void floatCurrent(); ///< into a window; closing that brings it back
  void closeCurrent();
  void showNext(int steps); ///< tabs of the current group, round
  void joinAll();           ///< one group with every view in the order of view_list.cpp

  /// Groups with their views and which are shown, as JSON text; and back.
  QString saveState() const;
  void restoreState(const QString& state);

Q_SIGNALS:
  void currentChanged();

private:
  QTabWidget* addGroup();
  QTabWidget* groupOf(const View* view) const; ///< null: closed or floating
  void removeEmptyGroups();
  void take(View* view);
  void put(View* view, QTabWidget* group);
  void noticeFocus(QWidget* now);

  Workbench& m_workbench;
  std::vector<View*> m_views;
  std::vector<QTabWidget*> m_groups;
  QPointer<View> m_current;
  std::unique_ptr<QWidget> m_shelf; ///< parent of views that are nowhere
};

} // namespace switchyard::studio
