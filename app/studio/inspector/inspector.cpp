#include "app/studio/inspector/inspector.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/inspector/cell_card.h"
#include "app/studio/inspector/fact_rows.h"
#include "app/studio/inspector/lift_bars.h"
#include "app/studio/inspector/rank_table.h"
#include "app/studio/live/expert_menu.h"
#include "app/studio/shell/boost_popup.h"
#include "app/studio/theme/icons.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

QLabel* label(const QString& text, const char* property = nullptr) {
  auto* made = new QLabel(text);
  made->setWordWrap(true);
  made->setTextInteractionFlags(Qt::TextSelectableByMouse);
  if (property)
    made->setProperty(property, true);
  return made;
}

QLabel* heading(const QString& text) {
  auto* made = new QLabel(text);
  made->setFont(Theme::instance().font(TextSize::Note, TextWeight::Heading));
  made->setProperty("muted", true);
  return made;
}

QWidget* separator() {
  auto* line = new QFrame;
  line->setFrameShape(QFrame::HLine);
  line->setObjectName("separator");
  line->setFixedHeight(1);
  line->setStyleSheet("border: 0; background: palette(mid);");
  return line;
}

QVBoxLayout* columnOf(QWidget* card) {
  auto* column = new QVBoxLayout(card);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(Theme::instance().px(4));
  return column;
}

} // namespace

Inspector::Inspector(Player& player, Workbench& workbench)
    : m_player(player), m_workbench(workbench) {
  const Theme& theme = Theme::instance();
  setAccessibleName(tr("Inspector"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* scroll = new QScrollArea;
  scroll->setAccessibleName(tr("Inspector"));
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* page = new QWidget;
  page->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // never wider than the dock
  auto* column = new QVBoxLayout(page);
  const int side = theme.px(10);
  column->setContentsMargins(side, theme.px(8), side, side);
  column->setSpacing(theme.px(8));
  m_empty = label(tr("Nothing is selected. Click a token, a cell or an expert to see its numbers."),
                  "muted");
  column->addWidget(m_empty);
  m_lost = label({}, "muted");
  column->addWidget(m_lost);
  m_cell = new CellCard(workbench);
  column->addWidget(m_cell);
  makeToken(*column);
  makeExpert(*column);
  column->addStretch(1);
  scroll->setWidget(page);
  outer->addWidget(scroll);
  const auto changed = [this] { schedule(); };
  connect(&player, &Player::advanced, this, changed);
  connect(&player, &Player::reelChanged, this, changed);
  connect(&player, &Player::stateChanged, this, changed);
  Selection& selection = workbench.selection();
  connect(&selection, &Selection::tokensChanged, this, changed);
  connect(&selection, &Selection::expertsChanged, this, changed);
  connect(&selection, &Selection::pinChanged, this, changed);
  connect(&Inspection::of(workbench), &Inspection::changed, this, changed);
  connect(&workbench.document(), &Document::itemAdded, this, changed);
  connect(&workbench.document(), &Document::itemRemoved, this, changed);
  connect(&workbench.document(), &Document::currentChanged, this, changed);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    m_lock->setIcon(icon(m_locked ? "lock" : "unlock"));
    schedule();
  });
  refresh();
}

void Inspector::makeToken(QVBoxLayout& page) {
  const Theme& theme = Theme::instance();
  m_tokenCard = new QWidget;
  QVBoxLayout* column = columnOf(m_tokenCard);
  auto* head = m_tokenHead = new QHBoxLayout;
  head->setSpacing(theme.px(8));
  m_chip = new QLabel;
  m_chip->setAlignment(Qt::AlignCenter);
  m_chip->setMinimumSize(theme.px(24), theme.px(24));
  m_chip->setStyleSheet("background: palette(light); border-radius: 3px; padding: 0 6px;");
  m_tokenTitle = new QLabel;
  m_tokenTitle->setProperty("strong", true);
  m_tokenPhase = label({}, "muted");
  auto* titles = new QVBoxLayout;
  titles->setSpacing(0);
  titles->addWidget(m_tokenTitle);
  titles->addWidget(m_tokenPhase);
  m_lock = new QToolButton;
  m_lock->setCheckable(true);
  m_lock->setIcon(icon("unlock"));
  m_lock->setToolTip(tr("Keep this while the selection goes on"));
  m_lock->setAccessibleName(tr("Lock the inspector"));
  connect(m_lock, &QToolButton::toggled, this, &Inspector::setLocked);
  head->addWidget(m_chip);
  head->addLayout(titles, 1);
  column->addLayout(head);
  m_tokenFacts = new FactRows;
  column->addWidget(m_tokenFacts);
  column->addWidget(separator());
  column->addWidget(heading(tr("Experts, by rank")));
  m_ranks = new RankTable(m_player, m_workbench);
  column->addWidget(m_ranks);
  page.addWidget(m_tokenCard);
}

void Inspector::makeExpert(QVBoxLayout& page) {
  const Theme& theme = Theme::instance();
  m_expertCard = new QWidget;
  QVBoxLayout* column = columnOf(m_expertCard);
  column->addWidget(separator());
  auto* head = m_expertHead = new QHBoxLayout;
  m_expertTitle = new QLabel;
  m_expertTitle->setProperty("strong", true);
  m_expertSource = new QLabel;
  m_expertSource->setProperty("muted", true);
  m_expertSource->setProperty("note", true);
  m_expertSource->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  m_expertSource->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  head->addWidget(m_expertTitle);
  head->addWidget(m_expertSource, 1);
  column->addLayout(head);
  m_expertFacts = new FactRows;
  column->addWidget(m_expertFacts);
  m_liftTitle = heading({});
  column->addWidget(m_liftTitle);
  m_lifts = new LiftBars;
  column->addWidget(m_lifts);
  m_words = label({});
  column->addWidget(m_words);
  m_analyse = new QPushButton;
  connect(m_analyse, &QPushButton::clicked, this, &Inspector::runAnalyses);
  column->addWidget(m_analyse, 0, Qt::AlignLeft);

  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(theme.px(6));
  const auto act = [&](const QString& text, const QString& help, std::function<void()> run) {
    auto* button = new QPushButton(text);
    button->setToolTip(help);
    connect(button, &QPushButton::clicked, this, [run = std::move(run)] { run(); });
    buttons->addWidget(button);
    return button;
  };
  act(tr("Ban"), tr("Never choose this expert  X"), [this] {
    m_workbench.steer(SteerStep::Ban, *m_expert);
  })->setIcon(icon("slash-circle"));
  act(tr("Boost…"), tr("Multiply its gate weight where it is chosen  B"),
      [this] { showBoostPopup(m_workbench, *m_expert, this); });
  act(tr("Force"), tr("Always choose this expert  Shift+X"),
      [this] { m_workbench.steer(SteerStep::Force, *m_expert); });
  auto* more = new QToolButton;
  more->setIcon(icon("three-dots"));
  more->setAccessibleName(tr("More actions"));
  more->setToolTip(tr("Pin, show only its tokens, go to, copy"));
  connect(more, &QToolButton::clicked, this, [this, more] {
    QMenu menu(this);
    fillExpertMenu(menu, m_workbench, *m_expert);
    menu.exec(more->mapToGlobal(QPoint(0, more->height())));
  });
  buttons->addWidget(more);
  buttons->addStretch(1);
  column->addLayout(buttons);
  page.addWidget(m_expertCard);
  m_provenanceTitle = heading(tr("Provenance"));
  page.addWidget(m_provenanceTitle);
  m_provenance = label({}, "muted");
  m_provenance->setProperty("note", true);
  page.addWidget(m_provenance);
  m_copy = new QPushButton(tr("Copy as command line"));
  m_copy->setFlat(true);
  m_copy->setProperty("flat", true);
  connect(m_copy, &QPushButton::clicked, this, [this] {
    const QString line = m_facts.command.isEmpty() ? m_player.commandLine() : m_facts.command;
    m_workbench.copyText(line, tr("the command line"));
  });
  page.addWidget(m_copy, 0, Qt::AlignLeft);
}

void Inspector::setLocked(bool locked) {
  m_locked = locked;
  m_lock->setChecked(locked);
  m_lock->setIcon(icon(locked ? "lock" : "unlock"));
  if (!locked)
    schedule();
}

/// Beside the first title that is shown.
void Inspector::placeLock() {
  QHBoxLayout* head = m_cell->isVisibleTo(this)        ? m_cell->head()
                      : m_tokenCard->isVisibleTo(this) ? m_tokenHead
                                                       : m_expertHead;
  if (head->indexOf(m_lock) >= 0)
    return;
  for (QHBoxLayout* other : {m_cell->head(), m_tokenHead, m_expertHead})
    other->removeWidget(m_lock);
  head->addWidget(m_lock, 0, Qt::AlignTop);
}

void Inspector::schedule() {
  // At full speed tokens come faster than anybody reads numbers.
  if (m_scheduled || m_locked)
    return;
  m_scheduled = true;
  const bool playing = m_player.state() == PlayState::Playing;
  QTimer::singleShot(playing ? 100 : 0, this, [this] {
    m_scheduled = false;
    if (!m_locked)
      refresh();
  });
}

QString Inspector::text() const {
  QStringList parts;
  if (m_cell->isVisibleTo(this))
    parts << m_cell->text();
  if (m_tokenCard->isVisibleTo(this))
    parts << m_tokenTitle->text() << m_tokenPhase->text() << m_tokenFacts->text()
          << m_ranks->text();
  if (m_expertCard->isVisibleTo(this))
    parts << m_expertTitle->text() << m_expertFacts->text() << m_lifts->text() << m_words->text();
  for (const QLabel* line : {m_empty, m_lost})
    if (line->isVisibleTo(this))
      parts << line->text();
  parts << m_provenance->text();
  return parts.join('\n');
}

} // namespace switchyard::studio
