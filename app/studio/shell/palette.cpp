#include "app/studio/shell/palette.h"

#include <algorithm>
#include <iterator>

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QVBoxLayout>

#include "app/jobs/text.h"
#include "app/studio/live/token_texts.h"
#include "app/studio/shell/palette_list.h"
#include "app/studio/shell/palette_places.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kHeadHeight = 45;
constexpr int kFootHeight = 30;
constexpr int kSearchDelayMs = 120; ///< a trace is searched once typing rests

} // namespace

Palette::Palette(Workbench& workbench, Settings& settings, QWidget* window)
    : QFrame(window), m_workbench(workbench), m_settings(settings), m_window(window),
      m_field(new QLineEdit), m_count(new QLabel), m_list(new QListView),
      m_model(new PaletteModel(this)) {
  setObjectName("palette");
  setAccessibleName(tr("Command palette"));
  m_field->setObjectName("paletteField");
  m_field->setPlaceholderText(
      tr("Find an action, an expert (L5 E19), a token (@51), text, a file"));
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
                             "@ tokens     / files     Esc close"));
  foot->setObjectName("paletteFoot");
  foot->setFixedHeight(Theme::instance().px(kFootHeight));
  foot->setProperty("muted", true);
  foot->setProperty("note", true);
  layout->addWidget(foot);
  hide();
  m_wait.setSingleShot(true);
  m_wait.setInterval(kSearchDelayMs);
  connect(&m_wait, &QTimer::timeout, this, &Palette::searchTrace);
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
  m_wait.stop();
  showEntries(paletteEntries(m_workbench, m_settings, query));
  if (!textOfQuery(query).isEmpty() && m_workbench.document().currentItem(ItemKind::Trace))
    m_wait.start();
}

void Palette::showEntries(std::vector<PaletteEntry> entries) {
  m_model->show(std::move(entries));
  const int found = static_cast<int>(m_model->entries().size());
  m_count->setText(tr("%n result(s)", nullptr, found));
  place();
  m_list->setCurrentIndex(m_model->index(-1));
  move(1);
}

void Palette::searchTrace() {
  const Item* item = m_workbench.document().currentItem(ItemKind::Trace);
  const QString query = m_field->text();
  const QString wanted = textOfQuery(query);
  if (!item || !item->trace || wanted.isEmpty() || !isVisible())
    return;
  m_workbench.jobs().run<TextHits>(
      {tr("Search “%1”").arg(wanted), "palette", true}, this,
      [trace = item->trace, wanted,
       open = openTokenizer(m_workbench.document(), item->trace->meta().modelPath)](
          const JobContext& context) -> base::Result<TextHits> {
        std::shared_ptr<const tokenizer::Tokenizer> tokenizer = open;
        if (!tokenizer && !trace->meta().modelPath.empty())
          if (auto loaded = jobs::loadTokenizer(trace->meta().modelPath))
            tokenizer = std::make_shared<const tokenizer::Tokenizer>(std::move(*loaded));
        return studio::searchTrace(*trace, tokenizer.get(), wanted, context.control);
      },
      [this, query, wanted](base::Result<std::shared_ptr<const TextHits>> hits) {
        if (!hits || query != m_field->text() || !isVisible())
          return;
        const QModelIndex chosen = m_list->currentIndex();
        const QString title = chosen.isValid() ? chosen.data().toString() : QString();
        std::vector<PaletteEntry> entries = paletteEntries(m_workbench, m_settings, query);
        std::ranges::move(hitEntries(m_workbench, **hits, wanted), std::back_inserter(entries));
        orderByGroup(entries);
        showEntries(std::move(entries));
        for (int row = 0; row < m_model->rowCount(); ++row) // what was chosen stays so
          if (m_model->entryAt(row) && m_model->index(row).data().toString() == title) {
            m_list->setCurrentIndex(m_model->index(row));
            break;
          }
      });
}

void Palette::place() {
  const Theme& theme = Theme::instance();
  int height = theme.px(kHeadHeight + kFootHeight) + 4;
  for (int row = 0; row < m_model->rowCount(); ++row)
    height += PaletteDelegate::rowHeight(!m_model->entryAt(row));
  const int width = std::min(theme.px(620), m_window->width() - theme.px(16));
  const int top = theme.px(78);
  height = std::clamp(height + 2, theme.px(110),
                      std::max(theme.px(110), m_window->height() - top - theme.px(24)));
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
      m_field->setText(entry->completion.isEmpty() ? entry->title : entry->completion);
    return true;
  default:
    return QFrame::eventFilter(object, event);
  }
}

} // namespace switchyard::studio
