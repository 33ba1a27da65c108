#include "app/studio/live/live_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTabBar>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/figures/legend.h"
#include "app/studio/live/cell_tables.h"
#include "app/studio/live/metric_names.h"
#include "app/studio/live/next_tokens.h"
#include "app/studio/live/panel.h"
#include "app/studio/live/prompt_row.h"
#include "app/studio/live/raster.h"
#include "app/studio/live/replay_row.h"
#include "app/studio/live/routing_table.h"
#include "app/studio/live/token_strip.h"
#include "app/studio/live/yard_legend.h"
#include "app/studio/live/yard_widget.h"
#include "app/studio/theme/flash.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kLowHeight = 560; ///< px; lower, not everything fits below each other

QToolButton* headerButton(const QString& text, const QString& help) {
  auto* button = new QToolButton;
  button->setText(text);
  button->setToolTip(help);
  button->setCheckable(true);
  button->setAutoRaise(true);
  return button;
}

} // namespace

LiveView::LiveView(Workbench& workbench, const QString& id, const QString& title)
    : View(workbench, id, title), m_player(Player::of(workbench)) {
  m_promptRow = new PromptRow(m_player);
  m_replayRow = new ReplayRow(m_player);
  addControl(m_promptRow);
  addControl(m_replayRow);
  connect(m_promptRow, &PromptRow::generateRequested, this, &LiveView::generate);
  makeFigures();
  connect(&m_player, &Player::advanced, this, [this] { showTrack(false); });
  connect(&m_player, &Player::reelChanged, this, [this] { showTrack(true); });
  connect(&m_player, &Player::branchStepped, this, [this] { flash(m_strip); });
  connect(&m_player, &Player::stateChanged, this, [this] {
    updateControls();
    updateHeaders();
    updateState();
    speak();
    Q_EMIT capabilitiesChanged();
  });
  connect(&m_player, &Player::settingsChanged, this, &LiveView::updateControls);
  connect(this, &View::capabilitiesChanged, m_routing, &RoutingTable::refresh);
  connect(&workbench.selection(), &Selection::tokensChanged, this, [this] { showTrack(false); });
  connect(&workbench.selection(), &Selection::filterChanged, this, [this] { showTrack(false); });
  connect(&workbench.document(), &Document::currentChanged, this, [this] { updateState(); });
  connect(&Theme::instance(), &Theme::changed, this, &LiveView::applySizes);
  applySizes();
  showTrack(true);
  updateControls();
}

QComboBox* LiveView::makeMetricChoice() {
  auto* choice = new QComboBox;
  choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  return choice;
}

void LiveView::makeFigures() {
  auto* figures = new QWidget;
  auto* column = new QVBoxLayout(figures);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  m_strip = new TokenStrip(m_player, workbench());
  m_stripPanel = new Panel(tr("Tokens"), {}, m_strip);
  m_stripMetric = makeMetricChoice();
  m_stripMetric->setAccessibleName(tr("Underline"));
  auto* underline = new QLabel(tr("underline:"));
  underline->setProperty("muted", true);
  underline->setProperty("note", true);
  m_stripPanel->addHeader(underline);
  m_stripPanel->addHeader(m_stripMetric);

  m_yard = new YardWidget(m_player, workbench());
  m_yardPanel = new Panel(tr("Yard"), {}, m_yard);
  m_yardLegend = new YardLegend;
  m_usedOnly = headerButton(tr("Used only"), tr("Keep only experts of the visible tokens  U"));
  connect(m_usedOnly, &QToolButton::toggled, m_yard, &YardWidget::setUsedOnly);
  connect(m_yard, &YardWidget::layoutChanged, this, [this] {
    m_usedOnly->setChecked(m_yard->usedOnly());
    m_compare->setChecked(m_yard->showsOther());
    updateHeaders();
  });
  m_yardPanel->addHeader(m_yardLegend);
  m_compare = headerButton(
      tr("A | B"), tr("Strands of the text before, of another recipe, in the pin's colour"));
  connect(m_compare, &QToolButton::toggled, m_yard, &YardWidget::setShowsOther);
  m_yardPanel->addHeader(m_compare);
  m_yardPanel->addHeader(m_usedOnly);

  m_raster = new Raster(m_player, workbench());
  m_rasterPanel = new Panel(tr("Raster"), tr("tokens × layers"), m_raster);
  m_rasterMetric = makeMetricChoice();
  m_rasterMetric->setAccessibleName(tr("Colour"));
  m_rasterLegend = new Legend;
  connectLegends();
  m_follow = headerButton(tr("Follow"), tr("Keep the newest token in sight  E"));
  m_follow->setChecked(true);
  connect(m_follow, &QToolButton::toggled, m_raster, &Raster::setFollows);
  connect(m_raster, &Raster::followsChanged, m_follow, &QToolButton::setChecked);
  m_rasterPanel->addHeader(m_rasterMetric);
  m_rasterPanel->addHeader(m_rasterLegend);
  m_rasterPanel->addHeader(m_follow);
  m_next = new NextTokens(m_player, workbench());
  m_nextPanel = new Panel(tr("Next token"), {}, m_next);

  m_tabs = new QTabBar;
  m_tabs->setDrawBase(false);
  m_tabs->setExpanding(false);
  m_tabs->setDocumentMode(true);
  m_tabs->setAccessibleName(tr("Figure"));
  m_tabs->addTab(tr("Yard"));
  m_tabs->addTab(tr("Raster"));
  connect(m_tabs, &QTabBar::currentChanged, this, &LiveView::arrange);
  column->addWidget(m_stripPanel);
  column->addWidget(m_tabs);
  column->addWidget(m_yardPanel, 1);
  auto* below = new QHBoxLayout;
  below->setSpacing(1);
  below->addWidget(m_rasterPanel, 1);
  below->addWidget(m_nextPanel);
  column->addLayout(below);
  figures->setFocusProxy(m_yard);
  setCanvas(figures);
  for (QWidget* figure : {static_cast<QWidget*>(m_yard), static_cast<QWidget*>(m_strip),
                          static_cast<QWidget*>(m_raster), static_cast<QWidget*>(m_next)})
    workbench().actions().attachToFigure(figure);
  describeCells(*m_yard, *m_raster, *m_strip, m_player, workbench());

  m_routing = new RoutingTable(m_player, this);
  auto* table = new QTableView;
  table->setModel(m_routing);
  table->verticalHeader()->hide();
  table->verticalHeader()->setDefaultSectionSize(Theme::instance().px(20));
  table->horizontalHeader()->setDefaultSectionSize(Theme::instance().px(76));
  table->setAccessibleName(tr("Routing of the shown token"));
  setTable(table);
  connect(m_stripMetric, &QComboBox::currentIndexChanged, this, [this](int index) {
    if (index < 0)
      return;
    const QVariant layer = m_stripMetric->itemData(index, Qt::UserRole + 1);
    m_strip->setMetric(static_cast<TokenMetric>(m_stripMetric->itemData(index).toInt()),
                       layer.isValid() ? std::optional(static_cast<std::size_t>(layer.toInt()))
                                       : std::nullopt);
  });
  connect(m_rasterMetric, &QComboBox::currentIndexChanged, this, [this](int index) {
    if (index < 0)
      return;
    m_raster->setMetric(static_cast<TokenMetric>(m_rasterMetric->itemData(index).toInt()));
    updateHeaders();
  });
}

void LiveView::applySizes() {
  const Theme& theme = Theme::instance();
  m_stripPanel->setFixedHeight(theme.px(26 + 62));
  m_nextPanel->setFixedWidth(theme.px(236));
  // The style's controls are 26 px high; a figure's header has room for 20.
  const QString low = QString("QComboBox { min-height: %1px; max-height: %1px; font-size: %2px; }"
                              "QComboBox:focus { min-height: %1px; max-height: %1px; }")
                          .arg(theme.px(18))
                          .arg(theme.px(11));
  for (QComboBox* choice : {m_stripMetric, m_rasterMetric})
    choice->setStyleSheet(low);
  arrange();
}

void LiveView::arrange() {
  const Theme& theme = Theme::instance();
  const bool low = height() < theme.px(kLowHeight);
  const bool raster = !low || m_tabs->currentIndex() == 1;
  m_tabs->setVisible(low);
  m_yardPanel->setVisible(!low || !raster);
  m_rasterPanel->setVisible(raster);
  m_nextPanel->setVisible(raster &&
                          m_player.source() != PlaySource::Replay); // a trace has no candidates
  for (Panel* panel : {m_rasterPanel, m_nextPanel}) {
    panel->setMinimumHeight(low ? 0 : theme.px(26 + 124));
    panel->setMaximumHeight(low ? QWIDGETSIZE_MAX : theme.px(26 + 124));
  }
  updateHeaders();
}

void LiveView::resizeEvent(QResizeEvent* event) {
  View::resizeEvent(event);
  arrange();
}

void LiveView::generate() {
  m_player.generate(m_promptRow->text());
}

QPlainTextEdit& LiveView::prompt() {
  return m_promptRow->editor();
}

} // namespace switchyard::studio
