#include "app/studio/live/next_tokens.h"

#include <cmath>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QToolTip>

#include "app/studio/theme/theme.h"

namespace switchyard::studio {

QString probabilityText(double probability) {
  return probability < 0.001 ? QString("< 0.001") : QString::number(probability, 'f', 3);
}

QString reroutingText(const Track& track, std::int64_t position) {
  for (std::int64_t p = position; p >= track.begin() && p > position - 512; --p) {
    const NextToken* next = track.next(p);
    if (!next || next->figures.empty())
      continue;
    double squares = 0, before = NAN, after = NAN;
    for (const auto& [name, value] : next->figures) {
      if (name.starts_with("offset_norm_layer_"))
        squares += value * value;
      else if (name == "loss_before")
        before = value;
      else if (name == "loss_after")
        after = value;
    }
    if (!std::isnan(before))
      return QString("‖δ‖ %1 · loss %2 → %3 nats")
          .arg(std::sqrt(squares), 0, 'f', 3)
          .arg(before, 0, 'f', 3)
          .arg(after, 0, 'f', 3);
  }
  return {};
}

NextTokens::NextTokens(Player& player, Workbench& workbench) : m_player(player) {
  setObjectName("nextTokens");
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Next token"));
  const auto repaint = [this] {
    m_current = 0;
    update();
  };
  connect(&player, &Player::advanced, this, repaint);
  connect(&player, &Player::reelChanged, this, repaint);
  connect(&player, &Player::stateChanged, this, &NextTokens::describe);
  connect(&workbench.selection(), &Selection::tokensChanged, this, [this, repaint] {
    repaint();
    describe();
  });
  connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

QSize NextTokens::minimumSizeHint() const {
  return {Theme::instance().px(200), Theme::instance().px(90)};
}

const NextToken* NextTokens::next() const {
  const Track* track = m_player.track();
  const std::int64_t shown = m_player.shown();
  return track && shown >= 0 ? track->next(shown) : nullptr;
}

bool NextTokens::contrasts() const {
  const NextToken* now = next();
  return now && std::ranges::any_of(now->candidates,
                                    [](const Candidate& c) { return c.strong || c.weak; });
}

QString NextTokens::headline() const {
  const Track* track = m_player.track();
  if (!track || m_player.shown() < 0)
    return {};
  if (contrasts())
    return tr("strong, weak, contrast");
  const QString rerouting = reroutingText(*track, m_player.shown());
  if (!rerouting.isEmpty())
    return rerouting;
  return m_player.source() == PlaySource::Live ? tr("self-contrast off") : QString();
}

int NextTokens::rows() const {
  const NextToken* now = next();
  if (!now)
    return 0;
  const Theme& theme = Theme::instance();
  const int fit = std::max(1, (height() - theme.px(22)) / theme.px(20));
  return std::min(fit, static_cast<int>(now->candidates.size()));
}

QRectF NextTokens::rowRect(int row) const {
  const Theme& theme = Theme::instance();
  return QRectF(0, theme.px(22) + row * theme.px(20), width(), theme.px(20));
}

void NextTokens::describe() {
  const NextToken* now = next();
  if (!now || now->candidates.empty() || m_player.state() == PlayState::Playing)
    return; // at most a sentence when it stands still
  QStringList parts;
  for (const Candidate& candidate : now->candidates)
    parts << tr("%1 %2").arg(
        m_player.texts().quoted(candidate.token),
        candidate.cut ? tr("cut") : probabilityText(static_cast<double>(candidate.probability)));
  setAccessibleDescription(parts.join(", "));
}

void NextTokens::choose(int row) {
  const NextToken* now = next();
  if (!now || row < 0 || row >= rows())
    return;
  m_player.branch(m_player.shown(), now->candidates[static_cast<std::size_t>(row)].token);
}

void NextTokens::mouseMoveEvent(QMouseEvent* event) {
  m_hovered = -1;
  for (int row = 0; row < rows(); ++row)
    if (rowRect(row).contains(event->position()))
      m_hovered = row;
  setCursor(m_hovered >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
  update();
}

void NextTokens::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton)
    for (int row = 0; row < rows(); ++row)
      if (rowRect(row).contains(event->position()))
        return choose(row);
}

void NextTokens::leaveEvent(QEvent*) {
  m_hovered = -1;
  update();
}

void NextTokens::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
  case Qt::Key_Up:
  case Qt::Key_Down:
    m_current =
        std::clamp(m_current + (event->key() == Qt::Key_Up ? -1 : 1), 0, std::max(0, rows() - 1));
    update();
    return;
  case Qt::Key_Return:
  case Qt::Key_Enter:
    return choose(m_current);
  default:
    QWidget::keyPressEvent(event);
  }
}

bool NextTokens::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    for (int row = 0; row < rows(); ++row)
      if (rowRect(row).contains(help->pos())) {
        const Candidate& candidate = next()->candidates[static_cast<std::size_t>(row)];
        QToolTip::showText(help->globalPos(),
                           tr("%1, id %2, p %3\nsoftmax of the scores, before temperature and "
                              "filters\nclick: continue with this token (can be undone)")
                               .arg(m_player.texts().quoted(candidate.token))
                               .arg(candidate.token)
                               .arg(probabilityText(static_cast<double>(candidate.probability))),
                           this);
        return true;
      }
    QToolTip::hideText();
    return true;
  }
  return QWidget::event(event);
}

} // namespace switchyard::studio
