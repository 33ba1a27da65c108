#include "app/studio/shell/view.h"

#include <QAbstractItemModel>
#include <QAbstractItemView>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/studio/shell/elided_label.h"
#include "app/studio/shell/model_csv.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

/// A row of fixed height with a line below or above, painted by its style sheet.
QWidget* makeRow(QWidget* parent, const char* name, QHBoxLayout*& layout) {
  auto* row = new QWidget(parent);
  row->setObjectName(name);
  row->setAttribute(Qt::WA_StyledBackground);
  layout = new QHBoxLayout(row);
  return row;
}

} // namespace

View::View(Workbench& workbench, const QString& id, const QString& title)
    : m_workbench(workbench), m_id(id), m_title(title) {
  setObjectName(id);
  setAccessibleName(title);
  m_layout = new QVBoxLayout(this);
  m_layout->setContentsMargins(0, 0, 0, 0);
  m_layout->setSpacing(0);
  m_problems = new QVBoxLayout;
  m_layout->addLayout(m_problems);
  m_controlRow = makeRow(this, "controlRow", m_controls);
  m_controlRow->hide();
  m_layout->addWidget(m_controlRow);
  m_headerRow = makeRow(this, "figureHeader", m_header);
  m_headerTitle = new QLabel;
  m_headerTitle->setObjectName("figureTitle");
  m_headerQuestion = new ElidedLabel;
  m_headerQuestion->setObjectName("figureQuestion");
  m_header->addWidget(m_headerTitle);
  m_header->addWidget(m_headerQuestion, 1);
  m_headerRow->hide();
  m_layout->addWidget(m_headerRow);
  m_stack = new QStackedWidget;
  m_layout->addWidget(m_stack, 1);
  QHBoxLayout* provenance = nullptr;
  m_provenanceRow = makeRow(this, "provenanceRow", provenance);
  m_provenance = new ElidedLabel;
  m_provenance->setObjectName("provenance");
  m_provenance->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_copyCommand = new QPushButton(tr("Copy as command line"));
  m_copyCommand->setFlat(true);
  m_copyCommand->setProperty("flat", true);
  connect(m_copyCommand, &QPushButton::clicked, this,
          [this] { m_workbench.copyText(commandLine(), tr("the command line")); });
  provenance->addWidget(m_provenance, 1);
  provenance->addWidget(m_copyCommand);
  m_provenanceRow->hide();
  m_layout->addWidget(m_provenanceRow);
  connect(&Theme::instance(), &Theme::changed, this, &View::applyTheme);
  connect(&m_workbench.jobs(), &JobRunner::changed, this, [this](quint64 job) {
    if (job == m_loading)
      updateLoading();
  });
  applyTheme();
}

bool View::handles(const QString&) const {
  return false;
}

void View::command(const QString&) {}

bool View::paint(QPainter& painter, const QRectF& area) {
  if (!m_canvas || !m_stateText.isEmpty())
    return false;
  const QSizeF size = m_canvas->size();
  if (size.isEmpty())
    return false;
  const double scale = std::min(area.width() / size.width(), area.height() / size.height());
  painter.save();
  painter.translate(area.topLeft());
  painter.scale(scale, scale);
  m_canvas->render(&painter);
  painter.restore();
  return true;
}

QString View::csv() const {
  if (const auto* table = qobject_cast<const QAbstractItemView*>(m_table); table && table->model())
    return modelToCsv(*table->model());
  return {};
}

bool View::showsTable() const {
  return m_table && m_stack->currentWidget() == m_table;
}

void View::setShowsTable(bool table) {
  if (!m_table || !m_canvas || table == showsTable())
    return;
  const bool focused = m_stack->currentWidget()->hasFocus();
  m_stack->setCurrentWidget(table ? m_table : m_canvas);
  if (focused)
    m_stack->currentWidget()->setFocus();
  Q_EMIT capabilitiesChanged();
}

void View::setLinked(bool linked) {
  if (m_linked == linked)
    return;
  m_linked = linked;
  Q_EMIT linkedChanged(linked);
}

void View::addProblem(const Problem& problem) {
  for (int i = m_problems->count() - 1; i >= 0; --i)
    if (auto* strip = qobject_cast<ProblemStrip*>(m_problems->itemAt(i)->widget());
        strip && !problem.id.isEmpty() && strip->problemId() == problem.id)
      strip->dismiss();
  m_problems->insertWidget(0, new ProblemStrip(problem, this));
}

void View::addControl(QWidget* widget) {
  m_controls->addWidget(widget);
  m_controlRow->show();
}

void View::addControl(const QString& label, QWidget* widget) {
  auto* text = new QLabel(label);
  text->setProperty("muted", true);
  text->setBuddy(widget);
  if (widget->accessibleName().isEmpty())
    widget->setAccessibleName(label);
  addControl(text);
  addControl(widget);
}

void View::addControlStretch() {
  m_controls->addStretch(1);
}

void View::setHeader(const QString& title, const QString& question) {
  m_headerTitle->setText(title);
  m_headerQuestion->setText(question);
  m_headerRow->show();
}

void View::setLegend(QWidget* legend) {
  m_header->addWidget(legend);
}

void View::setCanvas(QWidget* canvas) {
  m_canvas = canvas;
  if (canvas->focusPolicy() == Qt::NoFocus)
    canvas->setFocusPolicy(Qt::StrongFocus);
  if (canvas->accessibleName().isEmpty())
    canvas->setAccessibleName(m_title);
  m_workbench.actions().attachToFigure(canvas);
  m_stack->insertWidget(0, canvas);
  m_stack->setCurrentWidget(canvas);
  setFocusProxy(m_stack);
  m_stack->setFocusProxy(canvas);
}

void View::setTable(QWidget* table) {
  m_table = table;
  m_stack->addWidget(table);
}

QString View::formula() const {
  return m_provenance->text();
}

void View::setProvenance(const QString& text, const QString& commandLine) {
  m_commandLine = commandLine;
  m_provenance->setText(text);
  m_copyCommand->setVisible(!commandLine.isEmpty());
  m_provenanceRow->setVisible(!text.isEmpty() || !commandLine.isEmpty());
  Q_EMIT capabilitiesChanged();
}

void View::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  refresh();
}

void View::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  placeCard();
}

void View::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::LayoutRequest)
    placeCard();
}

void View::applyTheme() {
  const Theme& theme = Theme::instance();
  const int side = theme.px(10);
  for (QWidget* row : {m_controlRow, m_headerRow, m_provenanceRow}) {
    row->layout()->setContentsMargins(side, 0, side, 0);
    row->layout()->setSpacing(theme.px(6));
  }
  m_controlRow->setMinimumHeight(theme.px(34)); // an editor of several lines is higher
  m_headerRow->setFixedHeight(theme.px(26));
  m_provenanceRow->setFixedHeight(theme.px(24));
  placeCard();
}

} // namespace switchyard::studio
