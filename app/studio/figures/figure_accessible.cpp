#include "app/studio/figures/figure_accessible.h"

#include <algorithm>
#include <map>

#include <QAccessibleWidget>

#include "app/studio/figures/cell_table.h"
#include "app/studio/figures/figure_widget.h"

namespace switchyard::studio {

namespace {

/// A scene with its marks.
class FigureCells final : public CellTable {
public:
  explicit FigureCells(FigureWidget* figure) : m_figure(figure) {}

  QString headline() const override { return scene() ? scene()->headline() : QString(); }
  int rows() const override { return scene() ? scene()->tableRows() : 0; }
  int columns() const override { return scene() ? scene()->tableColumns() : 0; }
  QString rowName(int row) const override {
    return scene() ? scene()->tableRowName(row) : QString();
  }
  QString columnName(int column) const override {
    return scene() ? scene()->tableColumnName(column) : QString();
  }
  int item(int row, int column) const override {
    return scene() ? scene()->tableItem(row, column) : -1;
  }
  std::pair<int, int> place(int item) const override {
    int row = -1, column = -1;
    if (contains(item))
      scene()->tablePlace(item, row, column);
    return {row, column};
  }
  bool contains(int item) const override { return scene() && item >= 0 && item < scene()->items(); }
  QString spoken(int item) const override { return scene()->spoken(item); }
  QString value(int item) const override { return scene()->valueOf(item); }
  QRectF rect(int item) const override { return scene()->itemRect(item); }
  int itemAt(const QPointF& at) const override { return scene() ? scene()->itemAt(at) : -1; }
  bool isSelected(int item) const override {
    return m_figure->marks().primary == item ||
           std::ranges::binary_search(m_figure->marks().set, item);
  }
  bool isPinned(int item) const override { return m_figure->marks().pin == item; }
  bool isCurrent(int item) const override { return m_figure->currentItem() == item; }
  std::vector<int> selected() const override { return m_figure->marks().set; }

private:
  const FigureScene* scene() const { return m_figure->scene(); }
  FigureWidget* m_figure;
};

/// One cell. The table lives as long as the widget, whose interface owns this.
class Cell final : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
  Cell(QWidget* widget, const CellTable* table, int item)
      : m_widget(widget), m_table(table), m_item(item) {}

  bool isValid() const override { return m_table->contains(m_item); }
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessibleInterface* parent() const override {
    return QAccessible::queryAccessibleInterface(m_widget);
  }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QString text(QAccessible::Text kind) const override {
    if (!isValid() || (kind != QAccessible::Name && kind != QAccessible::Value))
      return {};
    if (kind == QAccessible::Value)
      return m_table->value(m_item);
    QString spoken = m_table->spoken(m_item);
    if (isSelected())
      spoken += FigureWidget::tr(", selected");
    if (m_table->isPinned(m_item))
      spoken += FigureWidget::tr(", pinned");
    return spoken;
  }
  void setText(QAccessible::Text, const QString&) override {}
  QRect rect() const override {
    if (!isValid())
      return {};
    const QRect place = m_table->rect(m_item).toAlignedRect();
    return {m_widget->mapToGlobal(place.topLeft()), place.size()};
  }
  QAccessible::Role role() const override { return QAccessible::Cell; }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.selectable = state.focusable = true;
    state.selected = isSelected();
    state.focused = isValid() && m_widget->hasFocus() && m_table->isCurrent(m_item);
    return state;
  }
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::TableCellInterface
               ? static_cast<QAccessibleTableCellInterface*>(this)
               : nullptr;
  }

  bool isSelected() const override { return isValid() && m_table->isSelected(m_item); }
  QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
  QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
  int columnIndex() const override { return isValid() ? m_table->place(m_item).second : -1; }
  int rowIndex() const override { return isValid() ? m_table->place(m_item).first : -1; }
  int columnExtent() const override { return 1; }
  int rowExtent() const override { return 1; }
  QAccessibleInterface* table() const override { return parent(); }

private:
  QWidget* m_widget;
  const CellTable* m_table;
  int m_item;
};

class TableInterface final : public QAccessibleWidget, public QAccessibleTableInterface {
public:
  TableInterface(QWidget* widget, const CellTable* table)
      : QAccessibleWidget(widget, QAccessible::Table), m_table(table) {}
  TableInterface(QWidget* widget, std::unique_ptr<CellTable> own)
      : QAccessibleWidget(widget, QAccessible::Table), m_own(std::move(own)), m_table(m_own.get()) {
  }
  ~TableInterface() override {
    for (const auto& [item, id] : m_cells)
      QAccessible::deleteAccessibleInterface(id);
  }

  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                               : QAccessibleWidget::interface_cast(type);
  }
  QString text(QAccessible::Text kind) const override {
    const QString headline = kind == QAccessible::Description ? m_table->headline() : QString();
    return headline.isEmpty() ? QAccessibleWidget::text(kind) : headline;
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
    return cell(m_table->itemAt(widget()->mapFromGlobal(QPoint(x, y))));
  }

  QAccessibleInterface* caption() const override { return nullptr; }
  QAccessibleInterface* summary() const override { return nullptr; }
  QAccessibleInterface* cellAt(int row, int column) const override {
    if (row < 0 || column < 0 || row >= rowCount() || column >= columnCount())
      return nullptr;
    return cell(m_table->item(row, column));
  }
  int selectedCellCount() const override { return static_cast<int>(m_table->selected().size()); }
  QList<QAccessibleInterface*> selectedCells() const override {
    QList<QAccessibleInterface*> cells;
    for (const int item : m_table->selected())
      cells << cell(item);
    return cells;
  }
  QString columnDescription(int column) const override { return m_table->columnName(column); }
  QString rowDescription(int row) const override { return m_table->rowName(row); }
  int selectedColumnCount() const override { return 0; }
  int selectedRowCount() const override { return 0; }
  int columnCount() const override { return m_table->columns(); }
  int rowCount() const override { return m_table->rows(); }
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
  QAccessibleInterface* cell(int item) const {
    if (item < 0)
      return nullptr;
    auto [place, isNew] = m_cells.try_emplace(item, 0);
    if (isNew)
      place->second = QAccessible::registerAccessibleInterface(new Cell(widget(), m_table, item));
    return QAccessible::accessibleInterface(place->second);
  }
  std::unique_ptr<CellTable> m_own; ///< null: a holder has it
  const CellTable* m_table;
  mutable std::map<int, QAccessible::Id> m_cells;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
  if (auto* figure = qobject_cast<FigureWidget*>(object))
    return new TableInterface(figure, std::make_unique<FigureCells>(figure));
  auto* widget = qobject_cast<QWidget*>(object);
  const CellTable* table = widget ? CellTableHolder::of(widget) : nullptr;
  return table ? new TableInterface(widget, table) : nullptr;
}

} // namespace

CellTableHolder::CellTableHolder(QWidget* widget, std::unique_ptr<CellTable> table)
    : QObject(widget), m_table(std::move(table)) {
  installFigureAccessibility();
  // An interface that was asked for before is none of a table.
  if (QAccessibleInterface* known = QAccessible::queryAccessibleInterface(widget);
      known && !known->tableInterface())
    QAccessible::deleteAccessibleInterface(QAccessible::uniqueId(known));
}

const CellTable* CellTableHolder::of(const QObject* widget) {
  const auto* holder = widget->findChild<CellTableHolder*>(QString(), Qt::FindDirectChildrenOnly);
  return holder ? &holder->table() : nullptr;
}

void installFigureAccessibility() {
  static const bool installed = [] {
    QAccessible::installFactory(makeInterface);
    return true;
  }();
  Q_UNUSED(installed);
}

} // namespace switchyard::studio
