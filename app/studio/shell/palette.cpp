#include "app/studio/shell/palette.h"

#include <algorithm>

#include <QAbstractListModel>
#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

/// Entries with a heading row before each group.
class PaletteModel : public QAbstractListModel {
public:
  enum Roles { EntryRole = Qt::UserRole }; ///< int: index of the entry; -1 for headings

  using QAbstractListModel::QAbstractListModel;

  void show(std::vector<PaletteEntry> entries) {
    beginResetModel();
    m_entries = std::move(entries);
    m_rows.clear();
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
      if (i == 0 || m_entries[i].group != m_entries[i - 1].group)
        m_rows.push_back(-1 - static_cast<int>(i));
      m_rows.push_back(static_cast<int>(i));
    }
    endResetModel();
  }
  const std::vector<PaletteEntry>& entries() const { return m_entries; }
  /// The entry of a row; null for headings.
  const PaletteEntry* entryAt(int row) const {
    const int at = row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)] : -1;
    return at < 0 ? nullptr : &m_entries[static_cast<std::size_t>(at)];
  }
  QString headingAt(int row) const {
    return m_entries[static_cast<std::size_t>(-1 - m_rows[static_cast<std::size_t>(row)])].group;
  }

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
  }
  QVariant data(const QModelIndex& index, int role) const override {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
      return {};
    const PaletteEntry* entry = entryAt(index.row());
    if (role == Qt::DisplayRole)
      return entry ? entry->title : headingAt(index.row());
    if (role == Qt::AccessibleTextRole && entry)
      return QStringList{entry->title, entry->detail, entry->keys, entry->reason}.join(' ');
    return {};
  }
  Qt::ItemFlags flags(const QModelIndex& index) const override {
    return entryAt(index.row()) ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags;
  }

private:
  std::vector<PaletteEntry> m_entries;
  std::vector<int> m_rows; ///< index of an entry, or -1 - index of the first one below a heading
};

namespace {

constexpr int kHeadHeight = 45;
constexpr int kFootHeight = 30;

class PaletteDelegate : public QStyledItemDelegate {
public:
  PaletteDelegate(const PaletteModel& model, QObject* parent)
      : QStyledItemDelegate(parent), m_model(model) {}

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
    const Theme& theme = Theme::instance();
    return {10, theme.px(m_model.entryAt(index.row()) ? 30 : 26)};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Theme& theme = Theme::instance();
    const PaletteEntry* entry = m_model.entryAt(index.row());
    const int side = theme.px(12);
    painter->save();
    if (!entry) {
      painter->setFont(theme.font(TextSize::Note, TextWeight::Heading));
      painter->setPen(theme.color(Ink::TextMuted));
      painter->drawText(option.rect.adjusted(side, 0, 0, 0), Qt::AlignVCenter,
                        m_model.headingAt(index.row()));
      painter->restore();
      return;
    }
    if (option.state & QStyle::State_Selected)
      painter->fillRect(option.rect, theme.color(Ink::AccentSoft));
    const bool possible = entry->reason.isEmpty();
    const Ink ink = possible ? Ink::Text : Ink::TextDisabled;
    if (!entry->icon.isEmpty()) {
      const int size = theme.px(14);
      icon(entry->icon, possible ? Ink::TextMuted : Ink::TextDisabled)
          .paint(painter, option.rect.left() + side, option.rect.center().y() - size / 2, size,
                 size);
    }
    int right = option.rect.right() - side;
    painter->setFont(theme.font(TextSize::Note));
    painter->setPen(theme.color(Ink::TextMuted));
    if (!entry->keys.isEmpty()) {
      painter->drawText(QRect(option.rect.left(), option.rect.top(), right - option.rect.left(),
                              option.rect.height()),
                        Qt::AlignRight | Qt::AlignVCenter, entry->keys);
      right -= painter->fontMetrics().horizontalAdvance(entry->keys) + side;
    }
    const int left = paintTitle(*painter, *entry, option.rect, option.rect.left() + theme.px(38),
                                right, theme.color(ink));
    const QString detail = possible ? entry->detail : entry->reason;
    painter->setFont(theme.font(TextSize::Note));
    painter->setPen(theme.color(Ink::TextMuted));
    const QRect rest(left + theme.px(10), option.rect.top(), right - left - theme.px(10),
                     option.rect.height());
    if (rest.width() > theme.px(30))
      painter->drawText(rest, Qt::AlignVCenter,
                        painter->fontMetrics().elidedText(detail, Qt::ElideRight, rest.width()));
    painter->restore();
  }

private:
  /// Draws runs of matched characters in the accent; returns the right end.
  static int paintTitle(QPainter& painter, const PaletteEntry& entry, const QRect& rect, int x,
                        int right, const QColor& color) {
    const Theme& theme = Theme::instance();
    const auto isMatched = [&entry](qsizetype at) {
      return std::ranges::binary_search(entry.matched, at);
    };
    for (qsizetype begin = 0; begin < entry.title.size() && x < right;) {
      qsizetype end = begin + 1;
      while (end < entry.title.size() && isMatched(end) == isMatched(begin))
        ++end;
      const bool matched = isMatched(begin) && entry.reason.isEmpty();
      painter.setFont(theme.font(TextSize::Base, matched ? TextWeight::Heading
                                                         : TextWeight::Normal));
      painter.setPen(matched ? theme.color(Ink::Accent) : color);
      const QString run = entry.title.mid(begin, end - begin);
      const int width = painter.fontMetrics().horizontalAdvance(run);
      painter.drawText(QRect(x, rect.top(), std::min(width, right - x) + 1, rect.height()),
                       Qt::AlignVCenter | Qt::TextSingleLine, run);
      x += width;
      begin = end;
    }
    return x;
  }

  const PaletteModel& m_model;
};

} // namespace

Palette::Palette(Workbench& workbench, Settings& settings, QWidget* window)
    : QFrame(window), m_workbench(workbench), m_settings(settings), m_window(window),
      m_field(new QLineEdit), m_count(new QLabel), m_list(new QListView),
      m_model(new PaletteModel(this)) {
  setObjectName("palette");
  setAccessibleName(tr("Command palette"));
  m_field->setObjectName("paletteField");
  m_field->setPlaceholderText(tr("Find an action, an expert (L5 E19) or a token (@51)"));
  m_field->setAccessibleName(tr("Find or run"));
  m_field->addAction(icon("search", Ink::TextMuted), QLineEdit::LeadingPosition);
  m_field->installEventFilter(this);
  m_count->setProperty("muted", true);
  m_count->setProperty("note", true);
  m_list->setModel(m_model);
  m_list->setItemDelegate(new PaletteDelegate(*m_model, m_list));
  m_list->setFocusPolicy(Qt::NoFocus);
  m_list->setAccessibleName(tr("Results"));
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->setSpacing(0);
  auto* head = new QWidget;
  head->setObjectName("paletteHead");
  head->setFixedHeight(Theme::instance().px(kHeadHeight));
  auto* headRow = new QHBoxLayout(head);
  headRow->setContentsMargins(Theme::instance().px(8), 0, Theme::instance().px(12), 0);
  headRow->addWidget(m_field, 1);
  headRow->addWidget(m_count);
  layout->addWidget(head);
  layout->addWidget(m_list, 1);
  auto* foot = new QLabel(tr("↑↓ select     Enter run     Tab complete     > commands only     "
                             "@ tokens     Esc close"));
  foot->setObjectName("paletteFoot");
  foot->setFixedHeight(Theme::instance().px(kFootHeight));
  foot->setProperty("muted", true);
  foot->setProperty("note", true);
  layout->addWidget(foot);
  hide();
  connect(m_field, &QLineEdit::textChanged, this, &Palette::search);
  connect(m_list, &QListView::clicked, this, [this](const QModelIndex& index) {
    m_list->setCurrentIndex(index);
    runCurrent();
  });
  connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
    if (isVisible() && now && now != m_field && !isAncestorOf(now))
      close(false);
  });
}

const std::vector<PaletteEntry>& Palette::shown() const {
  return m_model->entries();
}

void Palette::popUp(const QString& query) {
  if (!isVisible())
    m_before = QApplication::focusWidget();
  {
    const QSignalBlocker silent(m_field);
    m_field->setText(query);
  }
  show();
  raise();
  search(query);
  m_field->setFocus();
  m_field->selectAll();
}

void Palette::search(const QString& query) {
  m_model->show(paletteEntries(m_workbench, m_settings, query));
  const int found = static_cast<int>(m_model->entries().size());
  m_count->setText(tr("%n result(s)", nullptr, found));
  place();
  m_list->setCurrentIndex(m_model->index(-1));
  move(1);
}

void Palette::place() {
  const Theme& theme = Theme::instance();
  int height = theme.px(kHeadHeight + kFootHeight) + 4;
  for (int row = 0; row < m_model->rowCount(); ++row)
    height += theme.px(m_model->entryAt(row) ? 30 : 26);
  const int width = std::min(theme.px(620), m_window->width() - theme.px(16));
  const int top = theme.px(78);
  height = std::clamp(height + 2, theme.px(110), std::max(theme.px(110), m_window->height() - top - theme.px(24)));
  setGeometry((m_window->width() - width) / 2, top, width, std::min(height, theme.px(560)));
}

void Palette::move(int rows) {
  const int count = m_model->rowCount();
  int row = m_list->currentIndex().isValid() ? m_list->currentIndex().row() : -1;
  for (int tried = 0; tried < count; ++tried) {
    row = (row + rows + count) % count;
    if (m_model->entryAt(row)) {
      m_list->setCurrentIndex(m_model->index(row));
      m_list->scrollTo(m_model->index(row));
      return;
    }
  }
}

void Palette::runCurrent() {
  const PaletteEntry* entry = m_model->entryAt(m_list->currentIndex().row());
  if (!entry)
    return;
  if (!entry->reason.isEmpty()) {
    m_workbench.notify(tr("%1: %2").arg(entry->title, entry->reason));
    return;
  }
  const std::function<void()> run = entry->run; // the entries change while it closes
  close(true);
  if (run)
    run();
}

void Palette::close(bool giveFocusBack) {
  hide();
  if (giveFocusBack && m_before)
    m_before->setFocus();
}

bool Palette::eventFilter(QObject* object, QEvent* event) {
  if (object == m_field && event->type() == QEvent::ShortcutOverride) {
    event->accept(); // no shortcut of the window acts while one types
    return true;
  }
  if (object != m_field || event->type() != QEvent::KeyPress)
    return QFrame::eventFilter(object, event);
  switch (static_cast<QKeyEvent*>(event)->key()) {
  case Qt::Key_Escape:
    close(true);
    return true;
  case Qt::Key_Down:
    move(1);
    return true;
  case Qt::Key_Up:
    move(-1);
    return true;
  case Qt::Key_Return:
  case Qt::Key_Enter:
    runCurrent();
    return true;
  case Qt::Key_Tab:
    if (const PaletteEntry* entry = m_model->entryAt(m_list->currentIndex().row()))
      m_field->setText(entry->title);
    return true;
  default:
    return QFrame::eventFilter(object, event);
  }
}

} // namespace switchyard::studio
