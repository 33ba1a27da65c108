#include <algorithm>
#include <cmath>

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>

#include "app/studio/figures/value_text.h"
#include "app/studio/live/expert_menu.h"
#include "app/studio/live/metric_names.h"
#include "app/studio/live/yard_parts.h"
#include "app/studio/live/yard_widget.h"

namespace switchyard::studio {

namespace {

constexpr double kGrab = 4; ///< px beside a history strand that still hit it

SelectMode modeOf(Qt::KeyboardModifiers modifiers) {
  if (modifiers & Qt::ControlModifier)
    return SelectMode::Toggle;
  return modifiers & Qt::ShiftModifier ? SelectMode::Extend : SelectMode::Replace;
}

} // namespace

YardWidget::Hit YardWidget::hitAt(QPointF at) {
  const Track* track = m_player.track();
  Hit hit;
  if (!track || m_player.shown() < 0)
    return hit;
  const YardLayout& places = where();
  const YardScene shown = scene();
  for (const yard::LensCell& cell : yard::lensCells(places, shown))
    if (cell.rect.contains(at)) {
      hit.cell = YardCell{shown.lensLayer, cell.expert};
      return hit;
    }
  const int layer = places.layerAt(at.y());
  if (layer >= 0 && at.x() < places.plot().left()) {
    hit.row = layer;
    return hit;
  }
  if (layer >= 0 && places.rowRect(layer).contains(at)) {
    const int expert = places.expertAt(layer, at.x());
    if (expert < 0)
      return hit;
    hit.cell = YardCell{layer, expert};
    // Of experts that share a column, the one that is used.
    for (const std::uint16_t id : track->ids(shown.position, static_cast<std::size_t>(layer)))
      if (places.cell(layer, id) == places.cell(layer, expert))
        hit.cell->expert = id;
    return hit;
  }
  double nearest = kGrab;
  for (int age = 1; age <= std::min(m_history, places.history()); ++age) {
    const std::int64_t position = shown.position - age;
    if (!track->has(position))
      break;
    const auto x = yard::firstChoiceX(places, *track, position, at.y());
    if (x && std::abs(*x - at.x()) < nearest) {
      nearest = std::abs(*x - at.x());
      hit.token = position;
    }
  }
  return hit;
}

QString YardWidget::describeCell(const YardCell& cell) const {
  const Track& track = *m_player.track();
  const auto layer = static_cast<std::size_t>(cell.moeLayer);
  const std::int64_t position = m_player.shown();
  QStringList lines{toText(m_player.expertKey(cell.moeLayer, cell.expert))};
  const auto ids = track.ids(position, layer);
  const auto weights = track.weights(position, layer);
  const QString piece = m_player.texts().quoted(track.token(position));
  const auto found = std::ranges::find(ids, static_cast<std::uint16_t>(cell.expert));
  if (found == ids.end()) {
    lines << tr("not chosen for token %1 %2").arg(position).arg(piece);
  } else {
    const auto rank = static_cast<std::size_t>(found - ids.begin());
    QString line = tr("token %1 %2: %3 of %4")
                       .arg(position)
                       .arg(piece, ordinal(static_cast<int>(rank) + 1))
                       .arg(ids.size());
    if (!weights.empty())
      line += tr(", gate %1").arg(static_cast<double>(weights[rank]), 0, 'f', 2);
    lines << line;
  }
  const std::int64_t from = std::max(track.begin(), position + 1 - kBedWindow);
  const std::int64_t uses = track.uses(layer, cell.expert, from, position + 1);
  lines << tr("used by %1 of the last %2 tokens").arg(uses).arg(position + 1 - from);
  if (m_layout.expertsPerColumn() > 1 && !m_usedOnly)
    lines << tr("this column holds %1 experts").arg(m_layout.expertsPerColumn());
  lines << tr("strands join equal ranks, they are no flow");
  return lines.join('\n');
}

QString YardWidget::describe(const Hit& hit) {
  if (hit.cell)
    return describeCell(*hit.cell);
  const Track* track = m_player.track();
  if (hit.token >= 0)
    return tr("token %1 %2\nfirst choices, joined layer by layer: a reading aid, no flow\nclick: "
              "show this token")
        .arg(hit.token)
        .arg(m_player.texts().quoted(track->token(hit.token)));
  return {};
}

void YardWidget::mouseMoveEvent(QMouseEvent* event) {
  const QPointF at = event->position();
  if (m_pressed && (event->buttons() & Qt::LeftButton)) {
    const int expert = where().expertAt(m_pressed->moeLayer, at.x());
    if (expert < 0 || (!m_dragging && expert == m_pressed->expert))
      return;
    m_dragging = true;
    std::vector<ExpertKey> keys;
    const auto [low, high] = std::minmax(expert, m_pressed->expert);
    for (int e = low; e <= high; ++e)
      if (!where().cell(m_pressed->moeLayer, e).isEmpty())
        keys.push_back(m_player.expertKey(m_pressed->moeLayer, e));
    m_workbench.selection().selectExperts(std::move(keys));
    return;
  }
  const Hit hit = hitAt(at);
  Mark mark;
  if (hit.cell)
    mark = m_player.expertKey(hit.cell->moeLayer, hit.cell->expert);
  else if (hit.token >= 0)
    mark = m_player.keyOf(hit.token);
  m_workbench.selection().setHover(mark);
  setCursor(hit.cell || hit.token >= 0 || hit.row >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void YardWidget::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton)
    return;
  m_dragging = false;
  const Hit hit = hitAt(event->position());
  m_pressed = hit.cell;
  if (hit.row >= 0)
    setLensLayer(hit.row);
}

void YardWidget::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton)
    return;
  const std::optional<YardCell> pressed = std::exchange(m_pressed, std::nullopt);
  if (std::exchange(m_dragging, false))
    return;
  const Hit hit = hitAt(event->position());
  if (pressed && hit.cell && *hit.cell == *pressed)
    m_workbench.selection().select(m_player.expertKey(pressed->moeLayer, pressed->expert),
                                   modeOf(event->modifiers()));
  else if (!pressed && hit.token >= 0)
    m_player.select(hit.token, modeOf(event->modifiers()));
}

void YardWidget::leaveEvent(QEvent*) {
  m_workbench.selection().setHover({});
}

void YardWidget::contextMenuEvent(QContextMenuEvent* event) {
  std::optional<ExpertKey> expert = m_workbench.selection().primaryExpert();
  if (event->reason() == QContextMenuEvent::Mouse) {
    const Hit hit = hitAt(event->pos());
    if (!hit.cell)
      return;
    expert = m_player.expertKey(hit.cell->moeLayer, hit.cell->expert);
  }
  if (!expert)
    return;
  QMenu menu(this);
  fillExpertMenu(menu, m_workbench, *expert);
  menu.exec(event->globalPos());
}

void YardWidget::movePrimary(int layers, int experts, bool extend) {
  const Track* track = m_player.track();
  if (!track || track->layers() == 0)
    return;
  YardCell cell{m_lensLayer, 0};
  const auto primary = m_workbench.selection().primaryExpert();
  const int layer = primary ? m_player.moeLayerOf(primary->layer) : -1;
  if (layer < 0) {
    if (m_player.shown() >= 0)
      cell = {0, std::max(0, track->firstChoice(m_player.shown(), 0))};
  } else {
    cell = {std::clamp(layer + layers, 0, static_cast<int>(track->layers()) - 1), primary->expert};
    const int last = track->shape().layers[static_cast<std::size_t>(cell.moeLayer)].experts - 1;
    cell.expert = std::clamp(cell.expert + experts, 0, last);
  }
  m_workbench.selection().select(m_player.expertKey(cell.moeLayer, cell.expert),
                                 extend ? SelectMode::Extend : SelectMode::Replace);
}

void YardWidget::keyPressEvent(QKeyEvent* event) {
  const bool extend = event->modifiers() & Qt::ShiftModifier;
  switch (event->key()) {
  case Qt::Key_Left:
    return movePrimary(0, -1, extend);
  case Qt::Key_Right:
    return movePrimary(0, 1, extend);
  case Qt::Key_Up:
    return movePrimary(-1, 0, extend);
  case Qt::Key_Down:
    return movePrimary(1, 0, extend);
  default:
    QWidget::keyPressEvent(event);
  }
}

bool YardWidget::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString text = describe(hitAt(help->pos()));
    text.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  return QWidget::event(event);
}

} // namespace switchyard::studio
