#include "app/studio/shell/library_panel.h"

#include <QAction>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/studio/theme/flash.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// Name at the left, muted detail at the right; the current item has an accent bar.
class LibraryDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Theme& theme = Theme::instance();
    const QString detail = index.data(LibraryModel::DetailRole).toString();
    QStyleOptionViewItem left = option;
    const QFont note = theme.font(TextSize::Note);
    const int width = detail.isEmpty() ? 0 : QFontMetrics(note).horizontalAdvance(detail);
    const int side = theme.px(8);
    if (width > 0 && width < option.rect.width() / 2) {
      // The ground goes all the way, the text stops before the detail.
      QStyledItemDelegate::initStyleOption(&left, index);
      left.text.clear();
      left.icon = QIcon();
      const QWidget* widget = option.widget;
      widget->style()->drawControl(QStyle::CE_ItemViewItem, &left, painter, widget);
      painter->save();
      painter->setFont(note);
      painter->setPen(theme.color(Ink::TextMuted));
      painter->drawText(option.rect.adjusted(0, 0, -side, 0), Qt::AlignRight | Qt::AlignVCenter,
                        detail);
      painter->restore();
      left = option;
      left.rect.setRight(option.rect.right() - width - 2 * side);
      left.state &= ~(QStyle::State_Selected | QStyle::State_MouseOver);
    }
    QStyledItemDelegate::paint(painter, left, index);
    if (index.data(LibraryModel::CurrentRole).toBool())
      painter->fillRect(QRect(0, option.rect.top(), theme.px(2), option.rect.height()),
                        theme.color(Ink::Accent));
  }

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const QSize size = QStyledItemDelegate::sizeHint(option, index);
    return {size.width(), Theme::instance().px(22)};
  }
};

} // namespace

LibraryPanel::LibraryPanel(Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_workbench(workbench),
      m_model(new LibraryModel(workbench.document(), this)),
      m_proxy(new QSortFilterProxyModel(this)), m_filter(new QLineEdit), m_tree(new QTreeView) {
  m_proxy->setSourceModel(m_model);
  m_proxy->setRecursiveFilteringEnabled(true);
  m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_filter->setPlaceholderText(tr("Filter library"));
  m_filter->setAccessibleName(tr("Filter library"));
  m_filter->setClearButtonEnabled(true);
  m_filter->addAction(icon("search", Ink::TextMuted), QLineEdit::LeadingPosition);
  m_tree->setModel(m_proxy);
  m_tree->setAccessibleName(tr("Library"));
  m_tree->setHeaderHidden(true);
  m_tree->setUniformRowHeights(true);
  m_tree->setEditTriggers(QAbstractItemView::EditKeyPressed);
  m_tree->setItemDelegate(new LibraryDelegate(m_tree));
  m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
  m_tree->setMouseTracking(true);
  m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_tree->expandAll();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  auto* head = new QWidget;
  auto* headLayout = new QVBoxLayout(head);
  headLayout->setContentsMargins(8, 6, 8, 6);
  headLayout->addWidget(m_filter);
  layout->addWidget(head);
  layout->addWidget(m_tree, 1);

  connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
    m_proxy->setFilterFixedString(text);
    m_tree->expandAll();
  });
  connect(m_model, &QAbstractItemModel::rowsInserted, this, [this] { m_tree->expandAll(); });
  connect(m_model, &LibraryModel::renameRefused, this, [this](const QString& name) {
    m_workbench.notify(name.trimmed().isEmpty() ? tr("A name cannot be empty.")
                                                : tr("\"%1\" is taken.").arg(name));
  });
  connect(m_tree, &QTreeView::activated, this, [this](const QModelIndex& index) {
    if (const int key = index.data(LibraryModel::KeyRole).toInt(); key != 0)
      activate(key);
  });
  connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex& index) {
            if (const Item* item =
                    m_workbench.document().item(index.data(LibraryModel::KeyRole).toInt()))
              m_workbench.document().setCurrent(item->kind, item->key);
          });
  connect(m_tree, &QWidget::customContextMenuRequested, this, &LibraryPanel::showMenu);
  connect(&m_workbench.document(), &Document::stepped, this,
          [this](JournalEntry::Kind kind, int key) {
            const QModelIndex row = m_proxy->mapFromSource(m_model->indexOf(key));
            if (row.isValid() && kind != JournalEntry::EditRecipe)
              flash(m_tree->viewport(), m_tree->visualRect(row));
          });
  auto* remove = new QAction(tr("Remove from session"), m_tree);
  remove->setShortcut(QKeySequence::Delete);
  remove->setShortcutContext(Qt::WidgetShortcut);
  connect(remove, &QAction::triggered, this, &LibraryPanel::removeSelected);
  m_tree->addAction(remove);
}

ItemKey LibraryPanel::selectedItem() const {
  return m_tree->currentIndex().data(LibraryModel::KeyRole).toInt();
}

void LibraryPanel::removeSelected() {
  const ItemKey key = selectedItem();
  const Item* item = m_workbench.document().item(key);
  if (!item)
    return;
  const QString name = item->name;
  m_workbench.document().remove(key);
  m_workbench.notify(tr("%1 removed from the session.").arg(name), true);
}

void LibraryPanel::activate(ItemKey key) {
  const Item* item = m_workbench.document().item(key);
  if (!item)
    return;
  m_workbench.document().setCurrent(item->kind, key);
  switch (item->kind) {
  case ItemKind::Model:
  case ItemKind::PromptSet:
    m_workbench.showView("live");
    break;
  case ItemKind::Trace:
    m_workbench.showView("experts");
    break;
  case ItemKind::Recipe:
    m_workbench.showView("steer");
    break;
  case ItemKind::Result:
    m_workbench.showResult(key);
    break;
  }
}

void LibraryPanel::showMenu(const QPoint& at) {
  const QModelIndex index = m_tree->indexAt(at);
  const ItemKey key = index.data(LibraryModel::KeyRole).toInt();
  if (key == 0)
    return;
  QMenu menu;
  menu.addAction(tr("Open"), this, [this, key] { activate(key); });
  menu.addAction(tr("Rename"), this, [this, index] { m_tree->edit(index); });
  if (const Item* item = m_workbench.document().item(key); !item->path.isEmpty())
    menu.addAction(tr("Copy path"), this,
                   [this, path = item->path] { m_workbench.copyText(path, tr("the path")); });
  menu.addSeparator();
  menu.addAction(icon("trash"), tr("Remove from session"), this, &LibraryPanel::removeSelected);
  menu.exec(m_tree->viewport()->mapToGlobal(at));
}

} // namespace switchyard::studio
