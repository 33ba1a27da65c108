#include "app/studio/live/player.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QStandardPaths>
#include <QUndoCommand>

#include "app/studio/document/numbers.h"
#include "app/studio/live/replay.h"

namespace switchyard::studio {

namespace {

constexpr int kFrameMs = 16;
constexpr int kIdleFrameMs = 60; ///< while paused: a key press is seen soon enough

/// Two reels that take turns; the branch itself was started before.
class BranchCommand : public QUndoCommand {
public:
  BranchCommand(Player& player, std::shared_ptr<Reel> before, std::shared_ptr<Reel> after,
                const QString& what)
      : m_player(player), m_before(std::move(before)), m_after(std::move(after)) {
    setText(what);
  }
  void undo() override { m_player.showReel(m_before); }
  void redo() override {
    if (std::exchange(m_done, true))
      m_player.showReel(m_after);
  }

private:
  Player& m_player;
  std::shared_ptr<Reel> m_before, m_after;
  bool m_done = false;
};

/// In the user's data folder: a session that names it can be opened again.
std::shared_ptr<LiveFile> newLiveFile() {
  static int count = 0;
  const QString folder =
      QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + "/live";
  QDir().mkpath(folder);
  return std::make_shared<LiveFile>(
      QString("%1/%2-%3-%4.swy")
          .arg(folder, QDateTime::currentDateTime().toString("yyyyMMdd-hhmmss"))
          .arg(QCoreApplication::applicationPid())
          .arg(++count));
}

} // namespace

LiveFile::~LiveFile() {
  if (!m_kept)
    QFile::remove(m_path);
}

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
  connect(&document, &Document::itemRemoved, this, [this] { updateNpmi(); });
  connect(&document, &Document::cleared, this, [this] {
    m_liveItem = 0;
    m_runs.clear(); // what still comes belongs to the former session
    m_other = nullptr;
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

void Player::generate(const QString& prompt, bool paused) {
  m_settings.prompt = prompt;
  Document& document = m_workbench.document();
  const Item* model = document.currentItem(ItemKind::Model);
  if (!model) {
    m_workbench.report({tr("No model is open."), tr("Text is continued by a model."),
                        {{tr("What to do"), tr("Open a model folder, or the demo model.")}}, {},
                        "live"});
    return;
  }
  LiveRequest request;
  request.folder = model->path.toStdString();
  request.prompt = prompt.toStdString();
  request.generate = m_settings.generate;
  request.generate.forced.clear();
  request.decoder = m_settings.decoder;
  if (const Item* recipe = document.currentItem(ItemKind::Recipe); recipe && m_settings.useRecipe)
    request.recipe = recipe->recipe;
  stop();
  setState(PlayState::Loading);
  m_workbench.opener().loadModel(
      model->key, this,
      [this, request, paused](const std::shared_ptr<const LoadedModel>& loaded) {
        m_coming = nullptr;
        begin(request, paused, loaded);
      });
}

void Player::begin(const LiveRequest& request, bool paused,
                   std::shared_ptr<const LoadedModel> model) {
  LiveRequest full = request;
  full.model = std::move(model);
  if (!m_coming) {
    m_coming = std::make_shared<Reel>();
    m_coming->title = tr("live");
  }
  m_coming->source = PlaySource::Live;
  m_coming->file = newLiveFile();
  full.trace = m_coming->file->path().toStdString();
  m_coming->request = full;
  m_coming->texts = TokenTexts(full.model->tokenizer);
  m_feed = nullptr;
  if (m_reel && m_reel->source == PlaySource::Live && m_reel->request.prompt == full.prompt &&
      m_reel->request.recipe != full.recipe)
    m_other = m_reel;
  else if (m_other && m_other->request.prompt != full.prompt)
    m_other = nullptr;
  m_ticket = m_thread.start(full, m_settings.rate, paused);
  m_runs[m_ticket.get()] = m_coming;
  setState(PlayState::Loading);
}

void Player::onStarted(const std::shared_ptr<LiveTicket>& ticket, const LiveStart& start) {
  if (ticket != m_ticket || !m_coming)
    return;
  m_feed = start.feed;
  const auto prompt = static_cast<std::int64_t>(start.prompt.size());
  if (m_coming->track.layers() == 0)
    m_coming->track = Track(start.shape);
  m_coming->track.setPromptLength(prompt);
  m_coming->total = prompt + m_coming->request.generate.maxTokens;
  setReel(std::exchange(m_coming, nullptr));
  setState(ticket->pacer.isPaused() ? PlayState::Paused : PlayState::Playing);
}

void Player::onFinished(const std::shared_ptr<LiveTicket>& ticket,
                        base::Result<LiveOutcome>& outcome) {
  const auto run = m_runs.find(ticket.get());
  const std::shared_ptr<Reel> reel = run == m_runs.end() ? nullptr : run->second.lock();
  m_runs.erase(ticket.get());
  if (outcome && reel) {
    reel->generated = outcome->generated.tokens;
    reel->ended = outcome->generated.reason;
    reel->trace = outcome->trace;
    if (reel->trace)
      keepTrace(*reel);
  } else if (outcome && outcome->trace) {
    QFile::remove(QString::fromStdString(outcome->trace->path().string())); // nobody shows it
  }
  if (ticket != m_ticket)
    return;
  frameLive();
  m_ticket = nullptr;
  m_coming = nullptr;
  if (!outcome) {
    setState(m_reel ? PlayState::Finished : PlayState::Empty);
    if (outcome.error().code != base::ErrorCode::Cancelled)
      m_workbench.report({tr("The text could not be generated."),
                          QString::fromStdString(outcome.error().describe()),
                          {},
                          {},
                          "live"});
    return;
  }
  setState(PlayState::Finished);
  Q_EMIT advanced();
}

void Player::onFrame() {
  if (m_ticket)
    frameLive();
  else if (source() == PlaySource::Replay && m_state == PlayState::Playing)
    frameReplay();
}

void Player::frameLive() {
  if (!m_feed || !m_reel)
    return;
  Track& track = m_reel->track;
  const std::size_t arrived = m_feed->drain([&track](TokenRouting& routing) {
    if (routing.position >= track.end())
      track.append(routing);
    else if (routing.next)
      track.setNext(routing.position, std::move(*routing.next));
  });
  if (arrived > 0)
    m_cursor = track.end() - 1;
  if (m_ticket) {
    const bool paused = m_ticket->pacer.isPaused();
    setState(paused ? PlayState::Paused : PlayState::Playing);
  }
  if (arrived > 0)
    Q_EMIT advanced();
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

void Player::branch(std::int64_t position, std::int32_t token) {
  if (source() != PlaySource::Live || !m_reel->request.model || !track()->contains(position))
    return;
  const std::int64_t prompt = track()->promptLength();
  if (position + 1 < prompt)
    return; // inside the prompt: edit the prompt instead
  auto next = std::make_shared<Reel>();
  next->title = m_reel->title;
  next->track = m_reel->track;
  next->track.truncate(position + 1);
  LiveRequest request = m_reel->request;
  request.generate.forced.clear();
  for (std::int64_t p = prompt; p <= position; ++p)
    request.generate.forced.push_back(base::TokenId(track()->token(p)));
  request.generate.forced.push_back(base::TokenId(token));
  const std::shared_ptr<Reel> before = m_reel;
  const bool paused = m_state == PlayState::Paused;
  const QString what = tr("Continue with %1 after token %2").arg(texts().quoted(token)).arg(position);
  stop();
  m_workbench.selection().selectTokens({});
  m_coming = next;
  begin(request, paused, request.model);
  m_workbench.document().undoStack().push(new BranchCommand(*this, before, next, what));
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

} // namespace switchyard::studio
