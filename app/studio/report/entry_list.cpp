#include "app/studio/report/entry_list.h"

#include <algorithm>

#include <QKeyEvent>
#include <QScopedValueRollback>

#include "app/studio/shell/view_list.h"
#include "app/studio/theme/flash.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

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

class EntryDelegate : public ReorderDelegate {
public:
  using ReorderDelegate::ReorderDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Theme& theme = Theme::instance();
    paintRow(*painter, option);
    paintGlyph(*painter, option.rect, index.data(EntryModel::GlyphRole).toString(), 26, 14);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    paintLines(*painter, option.rect,
               {.above = index.data().toString(),
                .below = index.data(EntryModel::DetailRole).toString(),
                .aboveColor = theme.color(Ink::TextStrong),
                .belowColor = theme.color(selected ? Ink::Text : Ink::TextMuted),
                .left = 48,
                .right = 8});
  }
};

} // namespace

EntryModel::EntryModel(Document& document, QObject* parent)
    : QAbstractListModel(parent), m_entries(document.report()->entries), m_document(document) {
  connect(&document, &Document::reportChanged, this, [this] {
    const std::vector<ReportEntry>& now = m_document.report()->entries;
    const auto first = std::ranges::mismatch(m_entries, now).in1;
    m_changedRow = now == m_entries ? -1 : static_cast<int>(first - m_entries.begin());
    if (m_changedRow < 0)
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
  const QString detail =
      entry.note.isEmpty()
          ? tr("%1 of %2").arg(kind.name, viewTitle(entry.view))
          : tr("%1 of %2 · %3").arg(kind.name, viewTitle(entry.view), entry.note.simplified());
  switch (role) {
  case Qt::DisplayRole:
    return entry.title;
  case Qt::ToolTipRole:
    return QString(entry.title + "\n" + detail);
  case Qt::AccessibleTextRole:
    return tr("%1, %2, entry %3 of %4")
        .arg(entry.title, kind.name)
        .arg(index.row() + 1)
        .arg(rowCount());
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
    : ReorderList(parent), m_document(document), m_edits(document), m_model(document) {
  setModel(&m_model);
  setItemDelegate(new EntryDelegate(this));
  setAccessibleName(tr("Entries of the report"));
  connect(&m_model, &QAbstractItemModel::modelReset, this, &EntryList::follow);
  connect(&document, &Document::stepped, this, [this](JournalEntry::Kind kind, int) {
    if (const int row = m_model.changedRow(); kind == JournalEntry::EditReport && row >= 0)
      flash(viewport(), visualRect(m_model.index(row)));
  });
  connect(this, &QListView::doubleClicked, this, [this] { Q_EMIT showRequested(currentId()); });
}

int EntryList::currentId() const {
  return m_edits.rowOf(m_current) >= 0 ? m_current : 0;
}

void EntryList::setCurrentId(int id) {
  if (const int row = m_edits.rowOf(id); row >= 0)
    setCurrentIndex(m_model.index(row));
}

/// The same entry; if it is gone the one that took its place, or the last; a new one comes to
/// front.
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

void EntryList::moveRow(int from, int to) {
  m_edits.move(from, to);
}

void EntryList::keyPressEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Return && event->key() != Qt::Key_Enter) {
    ReorderList::keyPressEvent(event);
    return;
  }
  Q_EMIT showRequested(currentId());
  event->accept();
}

void EntryList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  ReorderList::currentChanged(current, previous);
  if (!current.isValid())
    return;
  m_row = current.row();
  m_current = m_document.report()->entries[static_cast<std::size_t>(m_row)].id;
  Q_EMIT currentIdChanged();
}

} // namespace switchyard::studio
