#include "app/studio/figures/figure_widget.h"

#include <QAccessible>

#include "app/studio/figures/figure_accessible.h"
#include "app/studio/figures/heatmap_scene.h"
#include "app/studio/theme/theme.h"

namespace switchyard::studio {

namespace {

constexpr int kSlideMs = 160;

} // namespace

FigureWidget::FigureWidget(QWidget* parent) : QWidget(parent) {
  installFigureAccessibility();
  setAccessibleName(tr("Figure, empty"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  m_tipDelay.setSingleShot(true);
  connect(&m_tipDelay, &QTimer::timeout, this, &FigureWidget::showTip);
  connect(&Theme::instance(), &Theme::changed, this, &FigureWidget::refreshScene);
  m_slide.setStartValue(0.0);
  m_slide.setEndValue(1.0);
  m_slide.setEasingCurve(QEasingCurve::OutCubic);
  connect(&m_slide, &QVariantAnimation::valueChanged, this, [this](const QVariant& progress) {
    if (auto* heatmap = dynamic_cast<HeatmapScene*>(m_scene.get())) {
      heatmap->setSlide(progress.toDouble());
      m_image = {};
      update();
    }
  });
}

FigureWidget::~FigureWidget() = default;

void FigureWidget::setScene(std::unique_ptr<FigureScene> scene) {
  m_scene = std::move(scene);
  m_hover = -1;
  m_anchor = -1;
  if (m_scene) {
    setAccessibleName(m_scene->title());
    setAccessibleDescription(m_scene->headline());
  }
  refreshScene();
}

void FigureWidget::refreshScene() {
  changed(true);
}

void FigureWidget::slideScene() {
  refreshScene();
  const auto* heatmap = dynamic_cast<const HeatmapScene*>(m_scene.get());
  const int duration = Theme::instance().duration(kSlideMs);
  m_slide.stop();
  if (!heatmap || !heatmap->canSlide() || duration == 0 || !isVisible())
    return;
  m_slide.setDuration(duration);
  m_slide.start();
}

void FigureWidget::changed(bool somethingChanged) {
  if (!somethingChanged)
    return;
  m_needsLayout = true;
  m_image = {};
  relayout();
  update();
  Q_EMIT sceneChanged();
}

void FigureWidget::relayout() {
  if (!m_needsLayout || !m_scene || size().isEmpty())
    return;
  m_scene->layout(size(), devicePixelRatioF());
  m_needsLayout = false;
}

void FigureWidget::setMarks(const FigureMarks& marks) {
  if (m_marks == marks)
    return;
  const bool moved = m_marks.primary != marks.primary;
  m_marks = marks;
  if (moved && hasFocus() && marks.primary >= 0 && m_scene && QAccessible::isActive()) {
    QAccessibleEvent event(this, QAccessible::Selection);
    QAccessible::updateAccessibility(&event);
  }
  update();
}

void FigureWidget::setPlaceholder(int rows, int columns) {
  m_placeholderRows = rows;
  m_placeholderColumns = columns;
  update();
}

void FigureWidget::moveCurrent(int right, int down, bool extend) {
  if (!m_scene)
    return;
  relayout();
  const int next = m_scene->neighbour(m_marks.primary, right, down);
  if (next < 0)
    return;
  m_anchor = extend && m_anchor >= 0 ? m_anchor : next;
  Q_EMIT itemClicked(next, extend ? Qt::ShiftModifier : Qt::NoModifier);
}

void FigureWidget::zoomBy(double factor) {
  if (!m_scene)
    return;
  const QRectF current = m_scene->itemRect(m_marks.primary);
  const QPointF about = current.isEmpty() ? QRectF(rect()).center() : current.center();
  changed(m_scene->zoom(factor, about));
}

void FigureWidget::panBy(double right, double down) {
  if (m_scene)
    changed(m_scene->pan({right * width() / 4, down * height() / 4}));
}

void FigureWidget::fit() {
  if (m_scene)
    changed(m_scene->fit());
}

void FigureWidget::zoomToCurrent() {
  if (!m_scene)
    return;
  changed(m_scene->isZoomed() ? m_scene->fit() : m_scene->zoomTo(m_marks.primary));
}

void FigureWidget::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  changed(true);
}

bool FigureWidget::event(QEvent* event) {
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
    update();
  return QWidget::event(event);
}

} // namespace switchyard::studio
