#include "app/studio/timeline/timeline.h"

#include <algorithm>
#include <cmath>

#include <QComboBox>

#include "app/studio/document/numbers.h"
#include "app/studio/shell/dock.h"
#include "app/studio/theme/theme.h"
#include "app/studio/timeline/carried_selection.h"
#include "app/studio/timeline/compared_replay.h"
#include "app/studio/timeline/timeline_cells.h"

namespace switchyard::studio {

namespace {

constexpr double kLeft = 88, kRight = 14;
constexpr double kMinTokens = 8;

} // namespace

Timeline::Timeline(Player& player, Workbench& workbench)
    : m_player(player), m_workbench(workbench), m_choice(new QComboBox(this)),
      m_lane(workbench, "timeline.lane", this) {
  new ComparedReplay(player, workbench, this);
  new CarriedSelection(player, workbench, this);
  describeCells(*this);
  setObjectName("timeline");
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Timeline"));
  m_choice->setAccessibleName(tr("Shown in the timeline"));
  connect(m_choice, &QComboBox::activated, this,
          [this](int row) { setTrace(m_choice->itemData(row).toInt()); });
  Document& document = workbench.document();
  connect(&player, &Player::reelChanged, this, &Timeline::follow);
  connect(&player, &Player::advanced, this, [this] {
    if (showsLive() && !m_zoomed)
      fit();
    else
      update();
  });
  connect(&document, &Document::currentChanged, this, [this](ItemKind kind) {
    if (kind == ItemKind::Trace)
      follow();
  });
  const auto refresh = [this] { refreshChoice(); };
  connect(&document, &Document::itemAdded, this, refresh);
  connect(&document, &Document::itemRemoved, this, refresh);
  connect(&document, &Document::cleared, this, refresh);
  connect(&document, &Document::itemChanged, this, [this](int key) {
    refreshChoice();
    if (key == m_trace)
      setTrace(std::exchange(m_trace, -1));
  });
  const auto repaint = [this] { update(); };
  connect(&m_lane, &LaneReader::changed, this, repaint);
  connect(&document, &Document::comparedChanged, this, &Timeline::followCompared);
  Selection& selection = workbench.selection();
  connect(&selection, &Selection::tokensChanged, this, repaint);
  connect(&selection, &Selection::hoverChanged, this, repaint);
  connect(&selection, &Selection::filterChanged, this, [this] {
    update();
    announce();
  });
  connect(&Theme::instance(), &Theme::changed, this, repaint);
  follow();
}

std::int64_t Timeline::tokens() const {
  if (showsLive())
    return m_player.reel() && m_player.source() == PlaySource::Live
               ? std::max(m_player.reel()->total, m_player.track()->end())
               : 0;
  if (m_index)
    return m_index->tokens();
  const Item* item = m_workbench.document().item(m_trace);
  return item && item->trace ? item->trace->tokens() : 0;
}

void Timeline::fit() {
  m_zoomed = false;
  m_first = 0;
  m_last = std::max(kMinTokens, static_cast<double>(tokens()));
  startSampling();
  update();
}

void Timeline::showRange(double first, double last) {
  const double all = std::max(kMinTokens, static_cast<double>(tokens()));
  const double wide = std::clamp(last - first, kMinTokens, all);
  m_first = std::clamp(first, 0.0, all - wide);
  m_last = m_first + wide;
  m_zoomed = wide < all;
  startSampling();
  update();
}

QRectF Timeline::plot() const {
  const Theme& theme = Theme::instance();
  return QRectF(theme.px(kLeft), 0, std::max(10, width() - theme.px(kLeft + kRight)), height());
}

double Timeline::xOf(double token) const {
  const QRectF area = plot();
  return area.left() + (token - m_first) / (m_last - m_first) * area.width();
}

double Timeline::tokenAt(double x) const {
  const QRectF area = plot();
  return m_first + (x - area.left()) / area.width() * (m_last - m_first);
}

QString Timeline::laneName(bool other) const {
  if (!hasOther())
    return tr("Top-1 gate");
  bool isB = other;
  if (showsLive()) {
    // A is the model's own routing, if one of the two is.
    const bool mine = m_player.reel()->request.recipe != nullptr,
               theirs = m_player.other()->request.recipe != nullptr;
    isB = mine == theirs ? other : (other ? theirs : mine);
  } else {
    isB = (m_trace == m_workbench.document().compared().second) != other;
  }
  return isB ? tr("B, top-1 gate") : tr("A, top-1 gate");
}

std::int64_t Timeline::cursor() const {
  const std::int64_t shown = m_player.shown();
  if (shown < 0)
    return -1;
  if (showsLive())
    return shown;
  const Reel* reel = m_player.reel();
  if (!m_index || reel->item != m_trace || reel->sequence >= m_index->sequences())
    return -1;
  return m_index->start(reel->sequence) + shown;
}

void Timeline::goTo(std::int64_t token) {
  token = std::clamp<std::int64_t>(token, 0, std::max<std::int64_t>(0, tokens() - 1));
  if (showsLive()) {
    m_player.select(token);
    return;
  }
  if (!m_index || m_index->sequences() == 0)
    return;
  const std::int64_t sequence = m_index->sequenceAt(token);
  const std::int64_t position = token - m_index->start(sequence);
  const Reel* reel = m_player.reel();
  if (reel && reel->item == m_trace && reel->sequence == sequence &&
      reel->track.contains(position)) {
    m_player.select(position);
    return;
  }
  m_player.replay(m_trace, sequence, position);
}

void Timeline::setBrush(double from, double to) {
  const auto all = static_cast<double>(tokens());
  const double low = std::clamp(std::floor(std::min(from, to)), 0.0, all);
  const double high = std::clamp(std::ceil(std::max(from, to)), 0.0, all);
  TokenFilter filter = m_workbench.selection().filter();
  filter.range.reset();
  if (high > low)
    filter.range = {static_cast<qint64>(low), static_cast<qint64>(high)};
  m_workbench.selection().setFilter(filter);
}

QString Timeline::headline() const {
  if (tokens() == 0)
    return {};
  QString text;
  if (showsLive())
    text = tr("current sequence");
  else if (m_index)
    text = tr("%1 sequences, %2 tokens").arg(grouped(m_index->sequences()), grouped(tokens()));
  const std::int64_t all =
      showsLive() ? m_player.track()->end() : tokens(); // not those still to come
  if (const auto& range = m_workbench.selection().filter().range)
    text += tr(" · filtered: %1 of %2 tokens")
                .arg(grouped(std::min<std::int64_t>(range->second, all) -
                             std::min<std::int64_t>(range->first, all)),
                     grouped(all));
  return text;
}

void Timeline::announce() {
  const QString text = headline();
  setAccessibleDescription(text);
  if (auto* dock = qobject_cast<Dock*>(parentWidget()))
    dock->setDetail(text);
}

} // namespace switchyard::studio
