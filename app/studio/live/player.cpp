#include "app/studio/live/player.h"

#include "app/studio/document/numbers.h"

namespace switchyard::studio {

namespace {

constexpr int kFrameMs = 16;
constexpr int kIdleFrameMs = 60; ///< while paused: a key press is seen soon enough

} // namespace

Player& Player::of(Workbench& workbench) {
  if (auto* player = workbench.findChild<Player*>(QString(), Qt::FindDirectChildrenOnly))
    return *player;
  return *new Player(workbench);
}

Player::Player(Workbench& workbench)
    : QObject(&workbench), m_workbench(workbench), m_thread(m_threads, workbench.sharedRegistry()) {
  m_settings.generate.maxTokens = 128;
  m_frame.setTimerType(Qt::PreciseTimer);
  m_frame.setInterval(kFrameMs);
  connect(&m_frame, &QTimer::timeout, this, &Player::onFrame);
  connect(&m_thread, &SessionThread::started, this,
          [this](const std::shared_ptr<LiveTicket>& ticket,
                 const std::shared_ptr<LiveStart>& start) { onStarted(ticket, *start); });
  connect(&m_thread, &SessionThread::finished, this,
          [this](const std::shared_ptr<LiveTicket>& ticket,
                 const std::shared_ptr<base::Result<LiveOutcome>>& outcome) {
            onFinished(ticket, *outcome);
          });
  Document& document = workbench.document();
  connect(&document, &Document::itemAdded, this, [this] { updateNpmi(); });
  connect(&document, &Document::itemRemoved, this, [this] {
    updateNpmi();
    m_thread.forget(); // it may have been the model
  });
  connect(&document, &Document::cleared, this, [this] {
    m_liveItem = 0;
    m_runs.clear(); // what still comes belongs to the former session
    m_other = nullptr;
    m_thread.forget();
    showReel(nullptr);
  });
  m_clock.start();
  connect(this, &Player::advanced, this, &Player::tellActivity);
  connect(this, &Player::stateChanged, this, &Player::tellActivity);
}

const TokenTexts& Player::texts() const {
  static const TokenTexts none;
  return m_reel ? m_reel->texts : none;
}

std::int64_t Player::dropped() const {
  return m_feed ? m_feed->dropped() : 0;
}

void Player::setState(PlayState state) {
  const bool ticking = m_ticket || state == PlayState::Playing;
  m_frame.setInterval(state == PlayState::Playing || state == PlayState::Loading ? kFrameMs
                                                                                 : kIdleFrameMs);
  if (ticking && !m_frame.isActive())
    m_frame.start();
  else if (!ticking)
    m_frame.stop();
  if (m_state == state)
    return;
  m_state = state;
  Q_EMIT stateChanged();
}

void Player::setReel(std::shared_ptr<Reel> reel) {
  m_reel = std::move(reel);
  m_cursor = m_reel && !m_reel->track.isEmpty() ? m_reel->track.end() - 1 : -1;
  updateNpmi();
  Q_EMIT reelChanged();
}

void Player::setRate(double tokensPerSecond) {
  m_settings.rate = tokensPerSecond;
  if (m_ticket)
    m_ticket->pacer.setRate(tokensPerSecond);
  m_due = 0;
  Q_EMIT settingsChanged();
}

void Player::setSettings(const LiveSettings& settings) {
  m_settings = settings;
  Q_EMIT settingsChanged();
}

void Player::onFrame() {
  if (m_ticket)
    frameLive();
  else if (source() == PlaySource::Replay && m_state == PlayState::Playing)
    frameReplay();
}

void Player::frameReplay() {
  const double now = static_cast<double>(m_clock.nsecsElapsed()) / 1e6;
  if (now < m_due)
    return;
  const double gap = m_settings.rate > 0 ? 1000.0 / m_settings.rate : kFrameMs;
  m_due = m_due > 0 && now - m_due < gap ? m_due + gap : now + gap;
  step();
}

void Player::play() {
  if (source() == PlaySource::Replay && m_state != PlayState::Loading) {
    if (m_cursor + 1 >= m_reel->total)
      m_cursor = -1;
    m_workbench.selection().selectTokens({});
    m_due = 0;
    setState(PlayState::Playing);
    return;
  }
  if (m_ticket) {
    m_workbench.selection().selectTokens({});
    m_ticket->pacer.play();
    setState(PlayState::Playing);
    return;
  }
  if (m_state != PlayState::Loading)
    generate(m_settings.prompt);
}

void Player::pause() {
  if (m_ticket)
    m_ticket->pacer.pause();
  if (m_ticket || source() == PlaySource::Replay)
    if (m_state == PlayState::Playing)
      setState(PlayState::Paused);
}

void Player::togglePlay() {
  m_state == PlayState::Playing ? pause() : play();
}

void Player::step() {
  if (source() == PlaySource::Replay && !m_ticket && m_state != PlayState::Loading) {
    if (m_cursor + 1 >= m_reel->total) {
      setState(PlayState::Finished);
      return;
    }
    if (m_state != PlayState::Playing)
      setState(PlayState::Paused);
    m_workbench.selection().selectTokens({});
    ++m_cursor;
    if (!m_reel->track.contains(m_cursor)) {
      m_playAfterLoad = m_state == PlayState::Playing;
      loadWindow(m_cursor);
      return;
    }
    Q_EMIT advanced();
    return;
  }
  if (m_ticket) {
    m_workbench.selection().selectTokens({});
    m_ticket->pacer.step();
    m_frame.setInterval(kFrameMs);
    return;
  }
  if (m_state != PlayState::Loading)
    generate(m_settings.prompt, true);
}

void Player::stop() {
  if (m_ticket)
    m_ticket->end();
  else if (source() == PlaySource::Replay && m_state == PlayState::Playing)
    setState(PlayState::Paused);
}

void Player::showReel(const std::shared_ptr<Reel>& reel) {
  if (m_ticket)
    m_ticket->end();
  m_ticket = nullptr;
  m_coming = nullptr;
  m_feed = nullptr;
  setReel(reel);
  setState(reel ? PlayState::Finished : PlayState::Empty);
  Q_EMIT advanced();
}

ColorDomain Player::scaleOf(TokenMetric metric) const {
  const auto changed = m_scales.find(metric);
  return changed != m_scales.end()
             ? changed->second
             : designedScale(metric, m_reel ? m_reel->track.shape() : TrackShape{});
}

void Player::setScale(TokenMetric metric, const std::optional<ColorDomain>& scale) {
  if (scale)
    m_scales[metric] = *scale;
  else
    m_scales.erase(metric);
  Q_EMIT scalesChanged();
}

} // namespace switchyard::studio
