#include "app/studio/figures/figure_accessible.h"

#include <algorithm>
#include <map>

#include <QAccessibleWidget>

#include "app/studio/figures/figure_widget.h"

namespace switchyard::studio {

namespace {

class FigureInterface;

/// One item of a figure.
class FigureCell final : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
  FigureCell(FigureWidget* figure, int item) : m_figure(figure), m_item(item) {}

  bool isValid() const override {
    return m_figure && m_figure->scene() && m_item < m_figure->scene()->items();
  }
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_figure); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QString text(QAccessible::Text kind) const override {
    if (!isValid() || (kind != QAccessible::Name && kind != QAccessible::Value))
      return {};
    if (kind == QAccessible::Value)
      return m_figure->scene()->valueOf(m_item);
    QString spoken = m_figure->scene()->spoken(m_item);
    if (isSelected())
      spoken += FigureWidget::tr(", selected");
    if (m_figure->marks().pin == m_item)
      spoken += FigureWidget::tr(", pinned");
    return spoken;
  }
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override {
    if (!isValid())
      return {};
    const QRect place = m_figure->scene()->itemRect(m_item).toAlignedRect();
    return {m_figure->mapToGlobal(place.topLeft()), place.size()};
  }
  QAccessible::Role role() const override { return QAccessible::Cell; }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.selectable = state.focusable = true;
    state.selected = isSelected();
    state.focused = m_figure && m_figure->hasFocus() && m_figure->currentItem() == m_item;
    return state;
  }
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr;
  }

  bool isSelected() const override {
    const FigureMarks& marks = m_figure->marks();
    return marks.primary == m_item || std::ranges::binary_search(marks.set, m_item);
  }
  QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
  QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
  int columnIndex() const override { return place().second; }
  int rowIndex() const override { return place().first; }
  int columnExtent() const override { return 1; }
  int rowExtent() const override { return 1; }
  QAccessibleInterface* table() const override { return parent(); }

private:
  std::pair<int, int> place() const {
    int row = -1, column = -1;
    if (isValid())
      m_figure->scene()->tablePlace(m_item, row, column);
    return {row, column};
  }
  FigureWidget* m_figure;
  int m_item;
};

class FigureInterface final : public QAccessibleWidget, public QAccessibleTableInterface {
public:
  explicit FigureInterface(FigureWidget* figure) : QAccessibleWidget(figure, QAccessible::Table) {}
  ~FigureInterface() override {
    for (const auto& [item, id] : m_cells)
      QAccessible::deleteAccessibleInterface(id);
  }

  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                               : QAccessibleWidget::interface_cast(type);
  }
  QString text(QAccessible::Text kind) const override {
    if (const FigureScene* scene = figure()->scene())
      if (kind == QAccessible::Description)
        return scene->headline();
    return QAccessibleWidget::text(kind);
  }
  int childCount() const override { return rowCount() * columnCount(); }
  QAccessibleInterface* child(int index) const override {
    return columnCount() > 0 ? cellAt(index / columnCount(), index % columnCount()) : nullptr;
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    auto* cell = const_cast<QAccessibleInterface*>(child)->tableCellInterface();
    return cell ? cell->rowIndex() * columnCount() + cell->columnIndex() : -1;
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    const FigureScene* scene = figure()->scene();
    return scene ? cell(scene->itemAt(figure()->mapFromGlobal(QPoint(x, y)))) : nullptr;
  }

  QAccessibleInterface* caption() const override { return nullptr; }
  QAccessibleInterface* summary() const override { return nullptr; }
  QAccessibleInterface* cellAt(int row, int column) const override {
    const FigureScene* scene = figure()->scene();
    if (!scene || row < 0 || column < 0 || row >= rowCount() || column >= columnCount())
      return nullptr;
    return cell(scene->tableItem(row, column));
  }
  int selectedCellCount() const override { return static_cast<int>(figure()->marks().set.size()); }
  QList<QAccessibleInterface*> selectedCells() const override {
    QList<QAccessibleInterface*> cells;
    for (const int item : figure()->marks().set)
      cells << cell(item);
    return cells;
  }
  QString columnDescription(int column) const override {
    return figure()->scene() ? figure()->scene()->tableColumnName(column) : QString();
  }
  QString rowDescription(int row) const override {
    return figure()->scene() ? figure()->scene()->tableRowName(row) : QString();
  }
  int selectedColumnCount() const override { return 0; }
  int selectedRowCount() const override { return 0; }
  int columnCount() const override { return figure()->scene() ? figure()->scene()->tableColumns() : 0; }
  int rowCount() const override { return figure()->scene() ? figure()->scene()->tableRows() : 0; }
  QList<int> selectedColumns() const override { return {}; }
  QList<int> selectedRows() const override { return {}; }
  bool isColumnSelected(int) const override { return false; }
  bool isRowSelected(int) const override { return false; }
  bool selectRow(int) override { return false; }
  bool selectColumn(int) override { return false; }
  bool unselectRow(int) override { return false; }
  bool unselectColumn(int) override { return false; }
  void modelChange(QAccessibleTableModelChangeEvent*) override {}

private:
  FigureWidget* figure() const { return static_cast<FigureWidget*>(object()); }
  QAccessibleInterface* cell(int item) const {
    if (item < 0)
      return nullptr;
    auto [place, isNew] = m_cells.try_emplace(item, 0);
    if (isNew)
      place->second = QAccessible::registerAccessibleInterface(new FigureCell(figure(), item));
    return QAccessible::accessibleInterface(place->second);
  }
  mutable std::map<int, QAccessible::Id> m_cells;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
  auto* figure = qobject_cast<FigureWidget*>(object);
  return figure ? new FigureInterface(figure) : nullptr;
}

} // namespace

void installFigureAccessibility() {
  static const bool installed = [] {
    QAccessible::installFactory(makeInterface);
    return true;
  }();
  Q_UNUSED(installed);
}

} // namespace switchyard::studio
