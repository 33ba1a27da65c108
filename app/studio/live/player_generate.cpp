// Text that a model continues: how it begins, arrives, ends, and branches.

#include <QUndoCommand>

#include "app/studio/live/player.h"
#include "app/studio/session/recordings.h"

namespace switchyard::studio {

namespace {

/// Two reels that take turns; the branch itself was started before.
class BranchCommand : public QUndoCommand {
public:
  BranchCommand(Player& player, std::shared_ptr<Reel> before, std::shared_ptr<Reel> after,
                const QString& what)
      : m_player(player), m_before(std::move(before)), m_after(std::move(after)) {
    setText(what);
  }
  void undo() override { show(m_before); }
  void redo() override {
    if (std::exchange(m_done, true))
      show(m_after);
  }

private:
  void show(const std::shared_ptr<Reel>& reel) {
    m_player.showReel(reel);
    Q_EMIT m_player.branchStepped();
  }

  Player& m_player;
  std::shared_ptr<Reel> m_before, m_after;
  bool m_done = false;
};

} // namespace

LiveFile::~LiveFile() {
  if (!m_kept)
    recordings::remove(m_path);
}

void Player::generate(const QString& prompt, bool paused) {
  m_settings.prompt = prompt;
  Document& document = m_workbench.document();
  const Item* model = document.currentItem(ItemKind::Model);
  if (!model)
    return sayNoModel();
  LiveRequest request;
  request.folder = model->path.toStdString();
  request.prompt = prompt.toStdString();
  request.generate = m_settings.generate;
  request.generate.forced.clear();
  request.decoder = m_settings.decoder;
  if (const Item* recipe = document.currentItem(ItemKind::Recipe); recipe && m_settings.useRecipe)
    request.recipe = recipe->recipe;
  load(model->key, request, paused);
}

void Player::goOn(const LiveRequest& request) {
  m_settings.prompt = QString::fromStdString(request.prompt);
  const Document& document = m_workbench.document();
  for (const ItemKey key : document.keys(ItemKind::Model))
    if (const Item* model = document.item(key); model->path.toStdString() == request.folder)
      return load(key, request, true);
  sayNoModel();
}

void Player::sayNoModel() {
  m_workbench.report({tr("No model is open."),
                      tr("Text is continued by a model."),
                      {{tr("What to do"), tr("Open a model folder, or the demo model.")}},
                      {},
                      "live"});
}

void Player::load(ItemKey model, const LiveRequest& request, bool paused) {
  stop();
  setState(PlayState::Loading);
  m_workbench.opener().loadModel(
      model, this, [this, request, paused](const std::shared_ptr<const LoadedModel>& loaded) {
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
  m_coming->file = std::make_shared<LiveFile>(recordings::newPath());
  full.trace = m_coming->file->path().toStdString();
  m_coming->request = full;
  m_coming->texts = TokenTexts(full.model->tokenizer);
  m_feed = nullptr;
  if (m_reel && m_reel->source == PlaySource::Live && m_reel->request.prompt == full.prompt &&
      m_reel->request.recipe != full.recipe)
    m_other = m_reel;
  else if (m_other && m_other->request.prompt != full.prompt)
    m_other = nullptr;
  m_workbench.jobs().announce();
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
  m_coming->chosen = start.chosen;
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
    recordings::remove(QString::fromStdString(outcome->trace->path().string())); // nobody shows it
  }
  if (ticket != m_ticket)
    return;
  frameLive();
  m_ticket = nullptr;
  m_coming = nullptr;
  setState(outcome || m_reel ? PlayState::Finished : PlayState::Empty);
  if (!outcome && outcome.error().code != base::ErrorCode::Cancelled)
    m_workbench.report({tr("The text could not be generated."),
                        QString::fromStdString(outcome.error().describe()),
                        {},
                        {},
                        "live"});
  if (outcome)
    Q_EMIT advanced();
  Q_EMIT ended();
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
  request.held = position + 1;
  request.generate.forced.clear();
  for (std::int64_t p = prompt; p <= position; ++p)
    request.generate.forced.push_back(base::TokenId(track()->token(p)));
  request.generate.forced.push_back(base::TokenId(token));
  const std::shared_ptr<Reel> before = m_reel;
  const bool paused = m_state == PlayState::Paused;
  const QString what =
      tr("Continue with %1 after token %2").arg(texts().quoted(token)).arg(position);
  stop();
  m_workbench.selection().selectTokens({});
  m_coming = next;
  begin(request, paused, request.model);
  m_workbench.document().undoStack().push(new BranchCommand(*this, before, next, what));
}

} // namespace switchyard::studio
