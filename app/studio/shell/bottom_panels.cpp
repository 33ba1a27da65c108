#include "app/studio/shell/bottom_panels.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// A determinate bar under the text.
class ProgressDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    const double fraction = index.data(JobsModel::FractionRole).toDouble();
    if (fraction < 0)
      return;
    const Theme& theme = Theme::instance();
    QRect bar = option.rect.adjusted(theme.px(8), 0, -theme.px(8), 0);
    bar.setTop(bar.bottom() - theme.px(3));
    bar.setHeight(theme.px(2));
    painter->fillRect(bar, theme.color(Ink::Line));
    bar.setWidth(static_cast<int>(bar.width() * fraction));
    painter->fillRect(bar, theme.color(Ink::Accent));
  }
};

void prepare(QTableView* table, int rowHeight) {
  table->verticalHeader()->hide();
  table->verticalHeader()->setDefaultSectionSize(Theme::instance().px(rowHeight));
  table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table->setShowGrid(false);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table->setTabKeyNavigation(false);
  table->setWordWrap(false);
}

/// The least level that is shown, and a text.
class LogFilter : public QSortFilterProxyModel {
public:
  using QSortFilterProxyModel::QSortFilterProxyModel;
  void setLeast(base::LogLevel level) {
    m_least = level;
    invalidateFilter();
  }

protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    const QModelIndex index = sourceModel()->index(row, LogModel::Level, parent);
    return index.data(LogModel::LevelRole).toInt() >= static_cast<int>(m_least) &&
           QSortFilterProxyModel::filterAcceptsRow(row, parent);
  }

private:
  base::LogLevel m_least = base::LogLevel::Info;
};

QHBoxLayout* panelRow() {
  auto* row = new QHBoxLayout;
  const Theme& theme = Theme::instance();
  row->setContentsMargins(theme.px(10), theme.px(4), theme.px(10), theme.px(4));
  row->setSpacing(theme.px(6));
  return row;
}

} // namespace

JobsPanel::JobsPanel(Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_table(new QTableView) {
  auto* model = new JobsModel(workbench.jobs(), this);
  m_table->setModel(model);
  m_table->setAccessibleName(tr("Jobs"));
  prepare(m_table, 24);
  m_table->setItemDelegateForColumn(JobsModel::Progress, new ProgressDelegate(m_table));
  const Theme& theme = Theme::instance();
  m_table->horizontalHeader()->setSectionResizeMode(JobsModel::State, QHeaderView::Stretch);
  m_table->setColumnWidth(JobsModel::Title, theme.px(300));
  m_table->setColumnWidth(JobsModel::Progress, theme.px(240));
  m_table->setColumnWidth(JobsModel::Elapsed, theme.px(80));
  m_table->setColumnWidth(JobsModel::Cancel, theme.px(80));
  auto* clear = new QPushButton(tr("Clear finished"));
  connect(clear, &QPushButton::clicked, this, [&workbench] { workbench.jobs().clearFinished(); });
  const auto cancel = [&workbench](const QModelIndex& index) {
    workbench.jobs().cancel(index.data(JobsModel::IdRole).value<quint64>());
  };
  connect(m_table, &QTableView::clicked, this, [cancel](const QModelIndex& index) {
    if (index.column() == JobsModel::Cancel)
      cancel(index);
  });
  auto* stop = new QAction(tr("Cancel job"), m_table);
  stop->setShortcut(QKeySequence::Delete);
  stop->setShortcutContext(Qt::WidgetShortcut);
  connect(stop, &QAction::triggered, this, [this, cancel] { cancel(m_table->currentIndex()); });
  m_table->addAction(stop);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(m_table, 1);
  QHBoxLayout* row = panelRow();
  row->addStretch(1);
  row->addWidget(clear);
  layout->addLayout(row);
}

LogPanel::LogPanel(Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_workbench(workbench), m_level(new QComboBox), m_filter(new QLineEdit),
      m_table(new QTableView) {
  auto* filter = new LogFilter(this);
  filter->setSourceModel(&workbench.log());
  filter->setFilterKeyColumn(LogModel::Text);
  filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_level->addItem(tr("all levels"), static_cast<int>(base::LogLevel::Debug));
  m_level->addItem(tr("info and above"), static_cast<int>(base::LogLevel::Info));
  m_level->addItem(tr("warnings and errors"), static_cast<int>(base::LogLevel::Warning));
  m_level->addItem(tr("errors"), static_cast<int>(base::LogLevel::Error));
  m_level->setCurrentIndex(1);
  m_level->setAccessibleName(tr("Least level"));
  m_filter->setPlaceholderText(tr("Filter log"));
  m_filter->setAccessibleName(tr("Filter log"));
  m_filter->setClearButtonEnabled(true);
  connect(m_level, &QComboBox::currentIndexChanged, this, [this, filter] {
    filter->setLeast(static_cast<base::LogLevel>(m_level->currentData().toInt()));
  });
  connect(m_filter, &QLineEdit::textChanged, filter,
          [filter](const QString& text) { filter->setFilterFixedString(text); });
  m_table->setModel(filter);
  m_table->setAccessibleName(tr("Log"));
  prepare(m_table, 20);
  m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  const Theme& theme = Theme::instance();
  m_table->setColumnWidth(LogModel::Level, theme.px(72));
  m_table->setColumnWidth(LogModel::Time, theme.px(80));
  m_table->horizontalHeader()->setStretchLastSection(true);
  m_table->horizontalHeader()->hide();
  connect(filter, &QAbstractItemModel::rowsInserted, m_table,
          [this] { QTimer::singleShot(0, m_table, [this] { m_table->scrollToBottom(); }); });
  m_table->installEventFilter(this);
  m_table->viewport()->installEventFilter(this);
  auto* copy = new QPushButton(tr("Copy"));
  connect(copy, &QPushButton::clicked, this, &LogPanel::copyRows);
  QHBoxLayout* row = panelRow();
  row->addWidget(m_level);
  row->addWidget(m_filter, 1);
  row->addWidget(copy);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(row);
  layout->addWidget(m_table, 1);
}

void LogPanel::copyRows() {
  QStringList lines;
  QModelIndexList rows = m_table->selectionModel()->selectedRows();
  if (rows.isEmpty())
    for (int row = 0; row < m_table->model()->rowCount(); ++row)
      rows << m_table->model()->index(row, 0);
  for (const QModelIndex& row : std::as_const(rows))
    lines << QString("%1 %2 %3")
                 .arg(row.siblingAtColumn(LogModel::Time).data().toString(),
                      row.siblingAtColumn(LogModel::Level).data().toString(),
                      row.siblingAtColumn(LogModel::Text).data().toString());
  m_workbench.copyText(lines.join('\n'), tr("%n line(s)", nullptr, static_cast<int>(lines.size())));
}

bool LogPanel::eventFilter(QObject* object, QEvent* event) {
  if (event->type() == QEvent::MouseButtonPress || event->type() == QEvent::FocusIn)
    m_workbench.log().markRead();
  return QWidget::eventFilter(object, event);
}

} // namespace switchyard::studio
