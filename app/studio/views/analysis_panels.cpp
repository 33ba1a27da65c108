// The figures of an analysis view: the one in front, its table, what the window's actions do with
// it.

#include <algorithm>

#include <QAction>
#include <QMenu>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/studio/theme/icons.h"
#include "app/studio/views/analysis_view.h"

namespace switchyard::studio {

namespace {

QToolButton* iconButton(const char* name, const QString& tip) {
  auto* button = new QToolButton;
  button->setIcon(icon(name));
  button->setToolTip(tip);
  button->setAccessibleName(tip);
  return button;
}

} // namespace

FigurePanel* AnalysisView::makePanel(QWidget* parent) {
  auto* panel = new FigurePanel(*this, parent);
  connect(panel, &FigurePanel::becameCurrent, this, [this, panel] { setCurrent(panel); });
  m_panels.push_back(panel);
  if (!m_current)
    m_current = panel;
  return panel;
}

void AnalysisView::setCurrent(FigurePanel* panel) {
  m_current = panel;
  if (m_tableButton)
    m_tableButton->setChecked(panel->showsTable());
  Q_EMIT capabilitiesChanged();
}

void AnalysisView::setContent(QWidget* content) {
  m_bodyLayout->addWidget(content, 1);
  m_body->setFocusProxy(m_current);
  setCanvas(m_body);
}

void AnalysisView::addFigureButtons() {
  addControlStretch();
  m_tableButton = iconButton("table", tr("Show as table (Ctrl+T)"));
  m_tableButton->setCheckable(true);
  connect(m_tableButton, &QToolButton::clicked, this, &View::setShowsTable);
  addControl(m_tableButton);
  // The window's actions mean the current view: this one, if its button can be clicked.
  for (const auto& [glyph, tip, id] :
       {std::tuple("clipboard", tr("Copy data (Ctrl+C)"), "edit.copy-data"),
        std::tuple("download", tr("Export (Ctrl+E)"), "file.export")}) {
    auto* button = iconButton(glyph, tip);
    connect(button, &QToolButton::clicked, this, [this, action = QString(id)] {
      if (QAction* found = this->workbench().actions().action(action))
        found->trigger();
    });
    addControl(button);
  }
  auto* more = iconButton("three-dots", tr("More"));
  more->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(more);
  QAction* linked = menu->addAction(tr("Linked to other views"));
  linked->setCheckable(true);
  linked->setChecked(true);
  connect(linked, &QAction::toggled, this, &View::setLinked);
  connect(this, &View::linkedChanged, linked, &QAction::setChecked);
  QAction* mean = menu->addAction(tr("Shared cells show the mean"));
  mean->setCheckable(true);
  connect(mean, &QAction::toggled, this, [this](bool on) {
    for (FigurePanel* panel : m_panels)
      panel->setBinning(on ? Binning::Mean : Binning::Maximum);
  });
  more->setMenu(menu);
  addControl(more);
}

bool AnalysisView::handles(const QString& actionId) const {
  if (!m_current || m_current->isEmpty())
    return false;
  static const QStringList ids = {
      "figure.fit",          "figure.zoom-in",     "figure.zoom-out",     "figure.scroll-left",
      "figure.scroll-right", "figure.move-left",   "figure.move-right",   "figure.move-up",
      "figure.move-down",    "figure.extend-left", "figure.extend-right", "figure.extend-up",
      "figure.extend-down",  "figure.open",        "figure.toggle",       "figure.select-all"};
  return ids.contains(actionId);
}

void AnalysisView::command(const QString& actionId) {
  if (!m_current || m_current->isEmpty())
    return;
  FigureWidget* figure = m_current->figure();
  const QString step = actionId.section('.', 1);
  const QString verb = step.section('-', 0, 0), way = step.section('-', 1);
  const int right = way == "right" ? 1 : way == "left" ? -1 : 0;
  const int down = way == "down" ? 1 : way == "up" ? -1 : 0;
  if (verb == "fit") {
    figure->fit();
  } else if (verb == "zoom") {
    figure->zoomBy(way == "in" ? 1.25 : 0.8);
  } else if (verb == "scroll") {
    figure->panBy(right, down);
  } else if (verb == "move" || verb == "extend") {
    figure->moveCurrent(right, down, verb == "extend");
  } else if (verb == "open") {
    figure->zoomToCurrent();
  } else if (verb == "toggle") {
    m_current->toggleCurrent();
  } else if (verb == "select") {
    m_current->selectAll();
  }
}

bool AnalysisView::hasTable() const {
  return m_current && m_current->source();
}

bool AnalysisView::showsTable() const {
  return m_current && m_current->showsTable();
}

void AnalysisView::setShowsTable(bool table) {
  if (m_current)
    m_current->setShowsTable(table);
  if (m_tableButton)
    m_tableButton->setChecked(showsTable());
  Q_EMIT capabilitiesChanged();
}

bool AnalysisView::paint(QPainter& painter, const QRectF& area) {
  bool any = false;
  for (FigurePanel* panel : m_panels) {
    if (panel->isEmpty() || !panel->isVisibleTo(this))
      continue;
    // Panels keep their places: a page shows what the window shows.
    const QRectF place(panel->mapTo(m_body, QPoint(0, 0)), QSizeF(panel->size()));
    const double sx = area.width() / std::max(1, m_body->width()),
                 sy = area.height() / std::max(1, m_body->height());
    const QRectF target(area.left() + place.left() * sx, area.top() + place.top() * sy,
                        place.width() * sx, place.height() * sy);
    const bool vector = painter.device()->devType() != QInternal::Image &&
                        painter.device()->devType() != QInternal::Widget;
    panel->paintInto(painter, target, vector ? PaintTarget::Vector : PaintTarget::Screen);
    any = true;
  }
  return any;
}

QString AnalysisView::csv() const {
  return m_current ? m_current->csv() : QString();
}

} // namespace switchyard::studio
