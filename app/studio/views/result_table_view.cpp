#include "app/studio/views/result_table_view.h"

#include <algorithm>

#include <QApplication>
#include <QContextMenuEvent>
#include <QHeaderView>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

ResultTableView::ResultTableView(Workbench& workbench, QWidget* parent)
    : QTableView(parent), m_workbench(workbench) {
  setAccessibleName(tr("Table, empty"));
  setModel(&m_model);
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setShowGrid(false);
  setWordWrap(false);
  setSortingEnabled(true);
  setHorizontalScrollMode(ScrollPerPixel);
  setTabKeyNavigation(false);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
  horizontalHeader()->setSortIndicatorClearable(true);
  horizontalHeader()->setHighlightSections(false);
  connect(&m_model, &ResultTableModel::sortWanted, this, &ResultTableView::sortInJob);
  connect(&Theme::instance(), &Theme::changed, this, &ResultTableView::applyTheme);
  applyTheme();
}

void ResultTableView::applyTheme() {
  verticalHeader()->setDefaultSectionSize(Theme::instance().px(20));
  verticalHeader()->setMinimumSectionSize(Theme::instance().px(20));
}

void ResultTableView::setSource(std::shared_ptr<const TableSource> source, const QString& title) {
  m_filter.reset();
  m_model.setSource(std::move(source));
  setAccessibleName(title.isEmpty() ? tr("Table, empty") : title);
  horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
  m_isMeasured = false;
  if (isVisible())
    measureColumns();
}

void ResultTableView::showEvent(QShowEvent* event) {
  QTableView::showEvent(event);
  measureColumns();
}

void ResultTableView::measureColumns() {
  if (m_isMeasured)
    return;
  m_isMeasured = true;
  // Widths by headers and the first rows: measuring all of ten million is nobody's wish.
  const QFontMetrics metrics(Theme::instance().font(TextSize::Control));
  const int pad = Theme::instance().px(20);
  for (int column = 0; column < m_model.columnCount(); ++column) {
    int width = metrics.horizontalAdvance(
                    m_model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()) +
                pad;
    for (int row = 0; row < std::min(m_model.rowCount(), 40); ++row)
      width = std::max(
          width, metrics.horizontalAdvance(m_model.index(row, column).data().toString()) + pad);
    setColumnWidth(column, std::min(width, Theme::instance().px(320)));
  }
}

void ResultTableView::setFilter(std::shared_ptr<const std::vector<std::uint32_t>> rows) {
  m_filter = std::move(rows);
  if (m_model.sortColumn() >= 0)
    sortInJob(m_model.sortColumn(), m_model.sortOrder());
  else
    m_model.setOrder(m_filter);
}

void ResultTableView::sortInJob(int column, Qt::SortOrder order) {
  using Order = std::vector<std::uint32_t>;
  const auto source = m_model.source();
  m_workbench.jobs().run<Order>(
      {tr("Sort %1").arg(accessibleName()), "sort"}, this,
      [source, column, ascending = order == Qt::AscendingOrder,
       filter = m_filter](const JobContext& context) -> base::Result<Order> {
        std::atomic<bool> stop = false;
        const std::stop_callback callback(context.control.stop, [&stop] { stop = true; });
        Order rows = sortedRows(*source, column, ascending, &stop);
        SY_TRY(context.control.check());
        if (filter) {
          const Order& kept = *filter; // ascending
          std::erase_if(rows,
                        [&](std::uint32_t row) { return !std::ranges::binary_search(kept, row); });
        }
        return rows;
      },
      [this, source](base::Result<std::shared_ptr<const Order>> result) {
        if (result && m_model.source() == source)
          m_model.setOrder(*result);
      });
}

void ResultTableView::showRow(std::int64_t sourceRow) {
  const int row = sourceRow < 0 ? -1 : m_model.rowOf(sourceRow);
  if (row == currentIndex().row())
    return;
  m_telling = false;
  if (row < 0)
    setCurrentIndex({});
  else
    setCurrentIndex(m_model.index(row, 0));
  m_telling = true;
}

void ResultTableView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTableView::currentChanged(current, previous);
  if (m_telling && current.isValid())
    Q_EMIT rowChosen(m_model.sourceRow(current.row()), QApplication::keyboardModifiers());
}

void ResultTableView::contextMenuEvent(QContextMenuEvent* event) {
  const QModelIndex index = indexAt(event->pos());
  Q_EMIT rowMenuRequested(index.isValid() ? m_model.sourceRow(index.row()) : -1,
                          event->globalPos());
}

QString ResultTableView::csv() const {
  if (!m_model.source())
    return {};
  const auto& order = m_model.order();
  return QString::fromStdString(
      order && order->empty()
          ? std::string()
          : toCsv(*m_model.source(), order ? *order : std::vector<std::uint32_t>()));
}

} // namespace switchyard::studio
