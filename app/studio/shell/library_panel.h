#pragma once

#include <QWidget>

#include "app/studio/shell/library_model.h"
#include "app/studio/shell/workbench.h"

class QLineEdit;
class QSortFilterProxyModel;
class QTreeView;

namespace switchyard::studio {

/// The library dock's content: filter field and tree. Enter opens, F2 renames, Delete removes.
class LibraryPanel : public QWidget {
  Q_OBJECT
public:
  explicit LibraryPanel(Workbench& workbench, QWidget* parent = nullptr);
  QTreeView* tree() const { return m_tree; }
  QLineEdit* filter() const { return m_filter; }
  ItemKey selectedItem() const; ///< 0: none
  void removeSelected();

private:
  /// Makes the item current and brings the view that fits to the front.
  void activate(ItemKey key);
  void showMenu(const QPoint& at);

  Workbench& m_workbench;
  LibraryModel* m_model;
  QSortFilterProxyModel* m_proxy;
  QLineEdit* m_filter;
  QTreeView* m_tree;
};

} // namespace switchyard::studio
