#include "app/studio/report/entry_list.h"

#include <algorithm>

#include <QDropEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>

#include "app/studio/shell/view_list.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr double kRowHeight = 41;

struct EntryKind {
  QString name, glyph;
};

EntryKind kindOf(const jobs::report::Part& part) {
  if (!part.pictures.empty())
    return {EntryModel::tr("picture"), "image"};
  for (const auto& [plugin, result] : part.results) {
    if (!result.figures.empty())
      return {EntryModel::tr("figure"), "grid-3x3"};
    if (!result.tables.empty() && result.headlines.empty())
      return {EntryModel::tr("table"), "table"};
  }
  return {EntryModel::tr("numbers"), "list-task"};
}

/// "Co-activation" of "coactivation".
QString viewTitle(const QString& id) {
  static const std::vector<ViewEntry> views = viewList();
  const auto found = std::ranges::find(views, id, &ViewEntry::id);
  return found == views.end() ? id : found->title;
}

class EntryDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {0, Theme::instance().px(kRowHeight)};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Theme& theme = Theme::instance();
    const QRect row = option.rect;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (selected)
      painter->fillRect(row, theme.color(Ink::AccentSoft));
    else if (option.state.testFlag(QStyle::State_MouseOver))
      painter->fillRect(row, theme.color(Ink::Hover));
    painter->fillRect(QRect(row.left(), row.bottom(), row.width(), 1), theme.color(Ink::Line));
    const auto glyph = [&](const QString& name, double left, double size) {
      icon(name, Ink::TextMuted)
          .paint(painter, QRect(row.left() + theme.px(left), row.center().y() - theme.px(size / 2),
                                theme.px(size), theme.px(size)));
    };
    glyph("grip-vertical", 6, 12);
    glyph(index.data(EntryModel::GlyphRole).toString(), 26, 14);
    const int left = row.left() + theme.px(48);
    const int width = row.right() - left - theme.px(8);
    const auto line = [&](const QString& text, TextSize size, Ink ink, double top) {
      painter->setFont(theme.font(size));
      painter->setPen(theme.color(ink));
      painter->drawText(QRect(left, row.top() + theme.px(top), width, theme.px(17)), Qt::AlignVCenter,
                        painter->fontMetrics().elidedText(text, Qt::ElideRight, width));
    };
    line(index.data().toString(), TextSize::Base, Ink::TextStrong, 3);
    line(index.data(EntryModel::DetailRole).toString(), TextSize::Note,
         selected ? Ink::Text : Ink::TextMuted, 20);
  }
};

} // namespace

EntryModel::EntryModel(Document& document, QObject* parent)
    : QAbstractListModel(parent), m_entries(document.report()->entries), m_document(document) {
  connect(&document, &Document::reportChanged, this, [this] {
    const std::vector<ReportEntry>& now = m_document.report()->entries;
    if (now == m_entries)
      return;
    beginResetModel();
    m_entries = now;
    endResetModel();
  });
}

int EntryModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant EntryModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const ReportEntry& entry = m_entries[static_cast<std::size_t>(index.row())];
  const EntryKind kind = kindOf(*entry.part);
  const QString detail = entry.note.isEmpty() ? tr("%1 of %2").arg(kind.name, viewTitle(entry.view))
                                              : tr("%1 of %2 · %3").arg(kind.name, viewTitle(entry.view), entry.note.simplified());
  switch (role) {
  case Qt::DisplayRole:
    return entry.title;
  case Qt::ToolTipRole:
    return QString(entry.title + "\n" + detail);
  case Qt::AccessibleTextRole:
    return tr("%1, %2, entry %3 of %4").arg(entry.title, kind.name).arg(index.row() + 1).arg(rowCount());
  case DetailRole:
    return detail;
  case GlyphRole:
    return kind.glyph;
  default:
    return {};
  }
}

Qt::ItemFlags EntryModel::flags(const QModelIndex& index) const {
  return index.isValid() ? Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemIsDragEnabled
                         : Qt::ItemIsDropEnabled;
}

EntryList::EntryList(Document& document, QWidget* parent)
    : QListView(parent), m_document(document), m_edits(document), m_model(document) {
  setModel(&m_model);
  setItemDelegate(new EntryDelegate(this));
  setAccessibleName(tr("Entries of the report"));
  setSelectionMode(SingleSelection);
  setDragEnabled(true);
  setAcceptDrops(true);
  setDropIndicatorShown(true);
  setDragDropMode(InternalMove);
  setMouseTracking(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&Theme::instance(), &Theme::changed, this, &QListView::doItemsLayout);
  connect(&m_model, &QAbstractItemModel::modelReset, this, &EntryList::follow);
  connect(this, &QListView::doubleClicked, this, [this] { Q_EMIT showRequested(currentId()); });
}

int EntryList::currentId() const {
  return m_edits.rowOf(m_current) >= 0 ? m_current : 0;
}

void EntryList::setCurrentId(int id) {
  if (const int row = m_edits.rowOf(id); row >= 0)
    setCurrentIndex(m_model.index(row));
}

/// The same entry; if it is gone the one that took its place, or the last; a new one comes to front.
void EntryList::follow() {
  const QScopedValueRollback following(m_following, true);
  int row = m_edits.rowOf(m_current);
  if (row < 0)
    row = std::min(m_row, m_model.rowCount() - 1);
  setCurrentIndex(m_model.index(row));
  if (row < 0) {
    m_current = 0;
    Q_EMIT currentIdChanged();
  }
}

void EntryList::moveCurrent(int by) {
  const int from = m_edits.rowOf(m_current);
  m_edits.move(from, from + by);
}

void EntryList::removeCurrent() {
  m_edits.remove(m_current);
}

void EntryList::keyPressEvent(QKeyEvent* event) {
  const bool up = event->key() == Qt::Key_Up, down = event->key() == Qt::Key_Down;
  if (event->modifiers() == Qt::AltModifier && (up || down))
    moveCurrent(up ? -1 : 1);
  else if (event->key() == Qt::Key_Delete)
    removeCurrent();
  else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
    Q_EMIT showRequested(currentId());
  else {
    QListView::keyPressEvent(event);
    return;
  }
  event->accept();
}

void EntryList::dropEvent(QDropEvent* event) {
  const int from = currentIndex().row();
  const QPoint at = event->position().toPoint();
  const QModelIndex under = indexAt(at);
  int to = m_model.rowCount();
  if (under.isValid())
    to = under.row() + (at.y() > visualRect(under).center().y() ? 1 : 0);
  if (to > from)
    --to;
  // The document moves the entry: nothing is left for the view to remove.
  event->setDropAction(Qt::CopyAction);
  event->accept();
  stopAutoScroll();
  setState(NoState);
  viewport()->update();
  m_edits.move(from, to);
}

void EntryList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QListView::currentChanged(current, previous);
  if (!current.isValid())
    return;
  m_row = current.row();
  m_current = m_document.report()->entries[static_cast<std::size_t>(m_row)].id;
  Q_EMIT currentIdChanged();
}

} // namespace switchyard::studio
