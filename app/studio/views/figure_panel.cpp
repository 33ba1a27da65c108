#include "app/studio/views/figure_panel.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/studio/shell/elided_label.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr std::size_t kLargeHeatmap = 500'000; ///< cells from which preparing is a job

} // namespace

FigurePanel::FigurePanel(View& view, QWidget* parent)
    : QWidget(parent), m_view(view), m_workbench(view.workbench()), m_header(new QWidget),
      m_title(new QLabel), m_note(new ElidedLabel), m_legend(new Legend),
      m_stack(new QStackedWidget), m_figure(new FigureWidget),
      m_table(new ResultTableView(view.workbench())) {
  m_header->setObjectName("figureHeader");
  m_header->setAttribute(Qt::WA_StyledBackground);
  m_title->setObjectName("figureTitle");
  m_note->setObjectName("figureQuestion");
  auto* row = new QHBoxLayout(m_header);
  row->setSpacing(10);
  row->setContentsMargins(10, 0, 10, 0);
  row->addWidget(m_title);
  row->addWidget(m_note, 1);
  row->addWidget(m_legend);
  m_stack->addWidget(m_figure);
  m_stack->addWidget(m_table);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_header);
  column->addWidget(m_stack, 1);
  setFocusProxy(m_figure);
  m_workbench.actions().attachToFigure(m_figure);
  m_figure->installEventFilter(this);
  const auto applyTheme = [this] { m_header->setFixedHeight(Theme::instance().px(26)); };
  connect(&Theme::instance(), &Theme::changed, this, applyTheme);
  applyTheme();

  Selection& selection = m_workbench.selection();
  for (const auto signal :
       {&Selection::expertsChanged, &Selection::pinChanged, &Selection::hoverChanged})
    connect(&selection, signal, this, &FigurePanel::updateMarks);
  connect(&view, &View::linkedChanged, this, &FigurePanel::updateMarks);
  connect(m_figure, &FigureWidget::itemClicked, this, &FigurePanel::choose);
  connect(m_figure, &FigureWidget::itemsChosen, this, &FigurePanel::chooseMany);
  connect(m_figure, &FigureWidget::itemActivated, this, &FigurePanel::itemActivated);
  connect(m_figure, &FigureWidget::menuRequested, this, &FigurePanel::showMenu);
  connect(m_figure, &FigureWidget::sceneChanged, this, &FigurePanel::updateNote);
  connect(m_figure, &FigureWidget::hoverChanged, this, [this](int item) {
    const std::vector<ExpertKey> experts = expertsOf(item);
    if (m_view.isLinked())
      m_workbench.selection().setHover(experts.empty() ? Mark() : Mark(experts.back()));
  });
  connect(m_figure, &FigureWidget::groundClicked, this,
          [this](const QPointF& at, Qt::KeyboardModifiers modifiers) {
            const auto* heatmap = dynamic_cast<HeatmapScene*>(m_figure->scene());
            if (heatmap && modifiers.testFlag(Qt::ControlModifier))
              chooseMany(heatmap->leavesAt(at), true);
          });
  connect(m_table, &ResultTableView::rowChosen, this,
          [this](qint64 sourceRow, Qt::KeyboardModifiers modifiers) {
            choose(static_cast<int>(sourceRow), modifiers);
          });
  connect(
      m_table, &ResultTableView::rowMenuRequested, this,
      [this](qint64 sourceRow, const QPoint& at) { showMenu(static_cast<int>(sourceRow), at); });
  connectLegend();
}

void FigurePanel::setHeading(const QString& title, const QString& question) {
  m_title->setText(title);
  m_question = question;
  updateNote();
}

void FigurePanel::setScene(std::unique_ptr<FigureScene> scene,
                           std::shared_ptr<const TableSource> source, FigureLink link) {
  m_link = std::move(link);
  m_source = std::move(source);
  m_chosen = -1;
  const QString title = scene ? scene->title() : QString();
  m_figure->setScene(std::move(scene));
  m_table->setSource(m_source, title);
  updateMarks();
  updateScale();
  updateNote();
}

void FigurePanel::showHeatmap(std::shared_ptr<const HeatmapData> data, FigureLink link) {
  // Same shape: keep the zoom, replace the values.
  auto* old = dynamic_cast<HeatmapScene*>(m_figure->scene());
  if (old && old->data().rows == data->rows && old->data().columns == data->columns) {
    m_link = std::move(link);
    m_source = tableSource(data);
    old->setData(data);
    m_figure->setAccessibleName(old->title());
    m_figure->setAccessibleDescription(old->headline());
    m_figure->slideScene();
    m_table->setSource(m_source, old->title());
    updateMarks();
    updateScale();
    return;
  }
  setScene(std::make_unique<HeatmapScene>(data), tableSource(data), std::move(link));
}

void FigurePanel::showChart(ChartSpec spec, FigureLink link) {
  const auto shared = std::make_shared<const ChartSpec>(std::move(spec));
  setScene(std::make_unique<ChartScene>(*shared), tableSource(shared), std::move(link));
}

void FigurePanel::showFlow(FlowSpec spec, FigureLink link) {
  const auto shared = std::make_shared<const FlowSpec>(std::move(spec));
  setScene(std::make_unique<FlowScene>(*shared), tableSource(shared), std::move(link));
}

void FigurePanel::showFigure(const trace::Figure& figure) {
  setHeading(QString::fromStdString(figure.title));
  const quint64 asked = ++m_figures;
  const auto* map = std::get_if<trace::Heatmap>(&figure.content);
  if (map && map->values.size() >= kLargeHeatmap) {
    using Prepared = std::shared_ptr<const HeatmapData>;
    m_workbench.jobs().run<Prepared>(
        {tr("Prepare %1").arg(QString::fromStdString(figure.title)), "prepare"}, this,
        [figure](const JobContext&) -> base::Result<Prepared> {
          return prepareHeatmap(heatmapSpec(figure, std::get<trace::Heatmap>(figure.content)));
        },
        [this, asked,
         link = linkOf(figure)](base::Result<std::shared_ptr<const Prepared>> prepared) {
          if (prepared && asked == m_figures)
            showHeatmap(**prepared, link);
        });
  } else if (map) {
    showHeatmap(prepareHeatmap(heatmapSpec(figure, *map)), linkOf(figure));
  } else if (const auto* chart = std::get_if<trace::Chart>(&figure.content)) {
    showChart(chartSpec(figure, *chart));
  } else {
    showFlow(flowSpec(figure, std::get<trace::Flow>(figure.content)));
  }
}

void FigurePanel::showPlaceholder(int rows, int columns) {
  setScene(nullptr, nullptr, {});
  m_figure->setPlaceholder(rows, columns);
}

void FigurePanel::setTable(std::shared_ptr<const TableSource> source) {
  m_source = std::move(source);
  m_table->setSource(m_source, m_figure->accessibleName());
}

void FigurePanel::setShowsTable(bool table) {
  m_stack->setCurrentWidget(table && m_source ? static_cast<QWidget*>(m_table) : m_figure);
  setFocusProxy(m_stack->currentWidget());
  updateMarks();
}

bool FigurePanel::showsTable() const {
  return m_stack->currentWidget() == m_table;
}

QString FigurePanel::csv() const {
  return m_table->csv();
}

void FigurePanel::setBinning(Binning binning) {
  if (auto* heatmap = dynamic_cast<HeatmapScene*>(m_figure->scene())) {
    heatmap->setBinning(binning);
    m_figure->refreshScene();
  }
}

void FigurePanel::updateNote() {
  const QString detail = m_figure->scene() ? m_figure->scene()->detailNote() : QString();
  m_note->setText(detail.isEmpty() ? m_question : detail);
}

void FigurePanel::paintInto(QPainter& painter, const QRectF& area, PaintTarget target) {
  const Theme& theme = Theme::instance();
  const double header = theme.px(26);
  painter.setFont(theme.font(TextSize::Control, TextWeight::Heading));
  painter.setPen(theme.color(Ink::TextStrong));
  painter.drawText(QRectF(area.left() + theme.px(10), area.top(), area.width(), header),
                   Qt::AlignVCenter | Qt::AlignLeft, m_title->text());
  const double titleWidth = QFontMetricsF(painter.font()).horizontalAdvance(m_title->text());
  if (m_legend->isVisibleTo(this)) {
    painter.save();
    painter.translate(area.right() - m_legend->sizeHint().width() - theme.px(10), area.top());
    m_legend->resize(m_legend->sizeHint());
    m_legend->render(&painter, QPoint(), QRegion(), QWidget::RenderFlags());
    painter.restore();
  }
  painter.setFont(theme.font(TextSize::Note));
  painter.setPen(theme.color(Ink::TextMuted));
  painter.drawText(
      QRectF(area.left() + theme.px(20) + titleWidth, area.top(), area.width() / 2, header),
      Qt::AlignVCenter | Qt::AlignLeft, m_note->text());
  m_figure->paintInto(painter, area.adjusted(0, header, 0, 0), target);
}

bool FigurePanel::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_figure && event->type() == QEvent::FocusIn)
    Q_EMIT becameCurrent();
  return QWidget::eventFilter(watched, event);
}

} // namespace switchyard::studio
