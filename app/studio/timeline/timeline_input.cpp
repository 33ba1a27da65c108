#include <algorithm>
#include <cmath>

#include <QComboBox>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>

#include "app/studio/document/numbers.h"
#include "app/studio/theme/theme.h"
#include "app/studio/timeline/timeline.h"

namespace switchyard::studio {

namespace {
constexpr double kGrab = 5; ///< px around a handle
constexpr double kMove = 4; ///< px before a press is a drag
} // namespace

void Timeline::resizeEvent(QResizeEvent*) {
  const Theme& theme = Theme::instance();
  m_choice->setStyleSheet(
      QString("QComboBox, QComboBox:focus { min-height: %1px; max-height: %1px; "
              "font-size: %2px; border-width: 1px; padding: 0 4px; } QComboBox::drop-down { width: "
              "%3px; }")
          .arg(theme.px(16))
          .arg(theme.px(11))
          .arg(theme.px(14)));
  m_choice->setGeometry(theme.px(4), theme.px(4), theme.px(80), theme.px(18));
  startSampling();
}

void Timeline::wheelEvent(QWheelEvent* event) {
  event->accept();
  const double wide = m_last - m_first;
  const QPoint delta = event->angleDelta();
  if ((event->modifiers() & Qt::ShiftModifier) || delta.x() != 0) {
    const double by = (delta.x() != 0 ? delta.x() : delta.y()) > 0 ? -0.2 * wide : 0.2 * wide;
    showRange(m_first + by, m_last + by);
    return;
  }
  const double factor = delta.y() > 0 ? 0.8 : 1.25;
  const double at = tokenAt(event->position().x());
  showRange(at - (at - m_first) * factor, at + (m_last - at) * factor);
}

void Timeline::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || tokens() == 0 ||
      event->position().x() < plot().left() - kGrab)
    return;
  const double x = event->position().x();
  m_drag = Drag::Press;
  m_anchor = tokenAt(x);
  if (const auto& range = m_workbench.selection().filter().range) {
    const auto low = static_cast<double>(range->first), high = static_cast<double>(range->second);
    if (std::abs(x - xOf(low)) <= kGrab) {
      m_drag = Drag::Low;
      m_anchor = high;
    } else if (std::abs(x - xOf(high)) <= kGrab) {
      m_drag = Drag::High;
      m_anchor = low;
    }
  }
}

void Timeline::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  if (m_drag == Drag::Press && std::abs(x - xOf(m_anchor)) > kMove)
    m_drag = Drag::Brush;
  if (m_drag == Drag::Brush || m_drag == Drag::Low || m_drag == Drag::High) {
    setBrush(m_anchor, tokenAt(x));
    return;
  }
  if (m_drag != Drag::None)
    return;
  const auto& range = m_workbench.selection().filter().range;
  const bool handle = range && (std::abs(x - xOf(static_cast<double>(range->first))) <= kGrab ||
                                std::abs(x - xOf(static_cast<double>(range->second))) <= kGrab);
  setCursor(handle ? Qt::SizeHorCursor : Qt::ArrowCursor);
  const auto token = static_cast<std::int64_t>(tokenAt(x));
  Mark mark;
  if (x >= plot().left() && token >= 0 && token < tokens()) {
    if (showsLive()) {
      if (m_player.track()->contains(token))
        mark = m_player.keyOf(token);
    } else if (m_index && m_index->sequences() > 0) {
      const std::int64_t sequence = m_index->sequenceAt(token);
      mark = TokenKey{sequence, token - m_index->start(sequence)};
    }
  }
  m_workbench.selection().setHover(mark);
}

void Timeline::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton)
    return;
  if (std::exchange(m_drag, Drag::None) == Drag::Press)
    goTo(static_cast<std::int64_t>(m_anchor));
}

void Timeline::mouseDoubleClickEvent(QMouseEvent* event) {
  if (showsLive() || !m_index || m_index->sequences() == 0) {
    fit();
    return;
  }
  const std::int64_t sequence =
      m_index->sequenceAt(static_cast<std::int64_t>(tokenAt(event->position().x())));
  const auto start = static_cast<double>(m_index->start(sequence));
  const auto end = static_cast<double>(m_index->end(sequence));
  const bool there =
      std::abs(m_first - start) < 1 && std::abs(m_last - end) < kMove + end - start && m_zoomed;
  there ? fit() : showRange(start, end);
}

void Timeline::leaveEvent(QEvent*) {
  m_workbench.selection().setHover({});
}

void Timeline::keyPressEvent(QKeyEvent* event) {
  const double wide = m_last - m_first;
  const double middle = (m_first + m_last) / 2;
  const bool extend = event->modifiers() & Qt::ShiftModifier;
  const std::int64_t at = std::max<std::int64_t>(0, cursor());
  switch (event->key()) {
  case Qt::Key_Left:
  case Qt::Key_Right: {
    const int by = event->key() == Qt::Key_Left ? -1 : 1;
    if (!extend)
      return goTo(at + by);
    const auto& range = m_workbench.selection().filter().range;
    const auto low = static_cast<double>(range ? range->first : at);
    const auto high = static_cast<double>(range ? range->second : at + 1);
    return setBrush(low, std::max(low + 1, high + by * std::max(1.0, std::floor(wide / 200))));
  }
  case Qt::Key_Home:
    return goTo(0);
  case Qt::Key_End:
    return goTo(tokens() - 1);
  case Qt::Key_Plus:
  case Qt::Key_W:
    return showRange(middle - wide * 0.4, middle + wide * 0.4);
  case Qt::Key_Minus:
  case Qt::Key_S:
    return showRange(middle - wide * 0.625, middle + wide * 0.625);
  case Qt::Key_A:
    return showRange(m_first - wide * 0.2, m_last - wide * 0.2);
  case Qt::Key_D:
    return showRange(m_first + wide * 0.2, m_last + wide * 0.2);
  case Qt::Key_F:
    return fit();
  case Qt::Key_Escape:
    if (m_workbench.selection().filter().range)
      return setBrush(0, 0);
    break;
  default:
    break;
  }
  QWidget::keyPressEvent(event);
}

void Timeline::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  menu.addAction(tr("Fit"), this, &Timeline::fit);
  QAction* clear = menu.addAction(tr("Clear the brush"), this, [this] { setBrush(0, 0); });
  clear->setEnabled(m_workbench.selection().filter().range.has_value());
  if (m_index && !m_index->labelKeys().empty()) {
    QMenu* labels = menu.addMenu(tr("Colour by label"));
    for (const std::string& key : m_index->labelKeys()) {
      const QString name = QString::fromStdString(key);
      QAction* action = labels->addAction(name, this, [this, name] { setLabel(name); });
      action->setCheckable(true);
      action->setChecked(key == m_index->label());
    }
  }
  menu.exec(event->globalPos());
}

bool Timeline::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip)
    return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const auto token = static_cast<std::int64_t>(tokenAt(help->pos().x()));
  if (token < 0 || token >= tokens() || help->pos().x() < plot().left()) {
    QToolTip::hideText();
    return true;
  }
  QString text = tr("token %1").arg(grouped(token));
  if (!showsLive() && m_index && m_index->sequences() > 0) {
    const std::int64_t sequence = m_index->sequenceAt(token);
    text = tr("sequence %1, token %2 of %3")
               .arg(grouped(sequence), grouped(token - m_index->start(sequence)),
                    grouped(m_index->end(sequence) - m_index->start(sequence)));
    if (const int value = m_index->valueOf(sequence); value >= 0)
      text += QString("\n%1: %2")
                  .arg(QString::fromStdString(m_index->label()),
                       QString::fromStdString(m_index->values()[static_cast<std::size_t>(value)]));
    const auto add = [&](const LaneReader& lane, bool other) {
      const LaneRange& range = lane.range();
      for (std::size_t i = 0; i < lane.values().size(); ++i)
        if (token >= range.begin(static_cast<int>(i)) &&
            token < range.begin(static_cast<int>(i) + 1) && !std::isnan(lane.values()[i])) {
          const std::int64_t count =
              range.begin(static_cast<int>(i) + 1) - range.begin(static_cast<int>(i));
          text += tr("\n%1 %2, mean of layers and of %3 of %4 tokens")
                      .arg(laneName(other))
                      .arg(static_cast<double>(lane.values()[i]), 0, 'f', 2)
                      .arg(std::min(count, LaneSampler::kSample))
                      .arg(grouped(count));
        }
    };
    add(m_lane, false);
    if (m_otherLane)
      add(*m_otherLane, true);
  }
  QToolTip::showText(help->globalPos(), text, this);
  return true;
}

} // namespace switchyard::studio
