#include <algorithm>

#include "app/jobs/command_line.h"
#include "app/jobs/text.h"
#include "app/studio/document/numbers.h"
#include "app/studio/live/player.h"
#include "app/studio/live/replay.h"

namespace switchyard::studio {

namespace {

struct Loaded {
  ReplayWindow window;
  std::int64_t before = 0;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
};

} // namespace

void Player::replay(ItemKey key, std::int64_t sequence, std::int64_t position) {
  const Item* item = m_workbench.document().item(key);
  if (!item || !item->trace)
    return;
  stop();
  m_ticket = nullptr;
  auto reel = std::make_shared<Reel>();
  reel->source = PlaySource::Replay;
  reel->trace = item->trace;
  reel->item = key;
  reel->sequence = sequence;
  m_coming = reel;
  m_playAfterLoad = false;
  loadWindow(position);
}

void Player::loadWindow(std::int64_t position) {
  const std::shared_ptr<Reel> reel = m_coming ? std::exchange(m_coming, nullptr) : m_reel;
  setState(PlayState::Loading);
  // The model's tokenizer, if it is open or still where the trace says.
  const std::shared_ptr<const tokenizer::Tokenizer> open =
      openTokenizer(m_workbench.document(), reel->trace->meta().modelPath);
  m_workbench.jobs().run<Loaded>(
      {tr("Read sequence %1").arg(reel->sequence), "replay"}, this,
      [trace = reel->trace, sequence = reel->sequence, position, before = reel->before,
       open](const JobContext& context) -> base::Result<Loaded> {
        Loaded loaded;
        loaded.window = SY_TRY(loadReplay(trace, sequence, position, context.control));
        loaded.before = before >= 0 ? before : SY_TRY(tokensBefore(*trace, sequence));
        loaded.tokenizer = open;
        if (!open && !trace->meta().modelPath.empty())
          if (auto tokenizer = jobs::loadTokenizer(trace->meta().modelPath))
            loaded.tokenizer = std::make_shared<const tokenizer::Tokenizer>(std::move(*tokenizer));
        return loaded;
      },
      [this, reel, position](base::Result<std::shared_ptr<const Loaded>> loaded) {
        if (!loaded) {
          setState(m_reel ? PlayState::Paused : PlayState::Empty);
          if (loaded.error().code != base::ErrorCode::Cancelled)
            m_workbench.report({tr("The sequence could not be read."),
                                QString::fromStdString(loaded.error().describe()),
                                {},
                                {},
                                "replay"});
          return;
        }
        reel->track = (*loaded)->window.track;
        reel->total = (*loaded)->window.total;
        reel->before = (*loaded)->before;
        reel->title = QString::fromStdString((*loaded)->window.info.id);
        reel->texts = TokenTexts((*loaded)->tokenizer);
        setReel(reel);
        m_cursor = std::clamp(position, reel->track.begin(), reel->track.end() - 1);
        setState(m_playAfterLoad ? PlayState::Playing : PlayState::Paused);
        m_playAfterLoad = false;
        Q_EMIT advanced();
      });
}

std::int64_t Player::shown() const {
  if (!m_reel || m_reel->track.isEmpty())
    return -1;
  if (const auto primary = m_workbench.selection().primaryToken())
    if (const auto position = positionOf(*primary))
      return *position;
  return std::min(m_cursor, m_reel->track.end() - 1);
}

bool Player::followsEnd() const {
  const auto primary = m_workbench.selection().primaryToken();
  return !primary || !positionOf(*primary);
}

std::optional<std::int64_t> Player::placeInBrush(std::int64_t position) const {
  if (source() == PlaySource::Live)
    return position;
  if (m_reel->before < 0 || m_reel->item != m_workbench.document().current(ItemKind::Trace))
    return std::nullopt; // the brush is one of another trace
  return m_reel->before + position;
}

bool Player::passes(std::int64_t position) const {
  const TokenFilter& filter = m_workbench.selection().filter();
  if (filter.isEmpty() || !m_reel)
    return true;
  if (const auto place = placeInBrush(position);
      filter.range && place && (*place < filter.range->first || *place >= filter.range->second))
    return false;
  if (!filter.routedTo)
    return true;
  const int layer = moeLayerOf(filter.routedTo->layer);
  return layer >= 0 && m_reel->track.uses(static_cast<std::size_t>(layer), filter.routedTo->expert,
                                          position, position + 1) > 0;
}

TokenKey Player::keyOf(std::int64_t position) const {
  return {m_reel ? m_reel->sequence : 0, position};
}

std::optional<std::int64_t> Player::positionOf(const TokenKey& key) const {
  if (!m_reel || key.sequence != m_reel->sequence || !m_reel->track.contains(key.position))
    return std::nullopt;
  return key.position;
}

void Player::select(std::int64_t position, SelectMode mode) {
  if (!m_reel || !m_reel->track.contains(position))
    return;
  if (source() == PlaySource::Replay)
    m_cursor = position;
  m_workbench.selection().select(keyOf(position), mode);
}

ExpertKey Player::expertKey(int moeLayer, int expert) const {
  return {m_reel->track.shape().layers[static_cast<std::size_t>(moeLayer)].layer, expert};
}

int Player::moeLayerOf(int stackLayer) const {
  if (!m_reel)
    return -1;
  const auto& layers = m_reel->track.shape().layers;
  const auto found = std::ranges::find(layers, stackLayer, &trace::LayerInfo::layer);
  return found == layers.end() ? -1 : static_cast<int>(found - layers.begin());
}

void Player::tellActivity() {
  const double now = static_cast<double>(m_clock.elapsed());
  if (m_state == PlayState::Playing && now - m_told < 100)
    return;
  m_told = now;
  QString text;
  if (m_state == PlayState::Loading) {
    text = tr("● Loading");
  } else if (isRunning() && source() == PlaySource::Live) {
    const std::int64_t step = std::max<std::int64_t>(0, track()->end() - track()->promptLength());
    text = tr("● %1, step %2 of at most %3    position %4 of %5    dropped %6")
               .arg(m_state == PlayState::Playing ? tr("Generating") : tr("Paused"))
               .arg(step)
               .arg(m_reel->request.generate.maxTokens)
               .arg(m_cursor)
               .arg(m_reel->request.model->model->config().maxPositions)
               .arg(dropped());
  } else if (isRunning()) {
    text = tr("● Replaying %1, token %2 of %3")
               .arg(m_reel->title)
               .arg(m_cursor + 1)
               .arg(m_reel->total);
  }
  m_workbench.setActivity(text);
}

void Player::updateNpmi() {
  m_npmi = {};
  if (!m_reel)
    return;
  const auto& layers = m_reel->track.shape().layers;
  const Document& document = m_workbench.document();
  for (const ItemKey key : document.keys(ItemKind::Result)) {
    const Item* item = document.item(key);
    if (!item->analysis)
      continue;
    for (const trace::AnalysisResult& result : item->analysis->results)
      for (const trace::Figure& figure : result.figures) {
        const auto* map = std::get_if<trace::Heatmap>(&figure.content);
        if (!map || figure.name != "npmi_scores" || map->y.labels.size() != layers.size())
          continue;
        m_npmi.experts = static_cast<int>(map->x.labels.size());
        m_npmi.values.assign(map->values.begin(), map->values.end());
      }
  }
}

void Player::keepTrace(Reel& reel) {
  Document& document = m_workbench.document();
  const QString path = QString::fromStdString(reel.trace->path().string());
  const QString detail = tr("%1 tok, not saved").arg(grouped(reel.trace->tokens()));
  if (document.item(m_liveItem)) {
    document.update(m_liveItem, [&](Item& item) {
      item.trace = reel.trace;
      item.path = path;
      item.detail = detail;
    });
  } else {
    Item item;
    item.kind = ItemKind::Trace;
    item.name = tr("live");
    item.path = path;
    item.detail = detail;
    item.trace = reel.trace;
    m_liveItem = document.add(std::move(item));
  }
  reel.item = m_liveItem;
  if (m_kept)
    m_kept->keep(false);
  m_kept = reel.file;
  m_kept->keep(true);
}

QString Player::commandLine() const {
  if (!m_reel || m_reel->source == PlaySource::None)
    return {};
  const auto quoted = [](const std::string& word) {
    return QString::fromStdString(jobs::shellQuoted(word));
  };
  if (m_reel->source == PlaySource::Replay)
    return QString("switchyard trace cat %1 --sequence %2")
        .arg(quoted(m_reel->trace->path().string()))
        .arg(m_reel->sequence);
  const LiveRequest& request = m_reel->request;
  return QString::fromStdString(jobs::generateCommand(request.folder.string(), request.prompt,
                                                      request.generate, request.decoder,
                                                      request.recipe ? "recipe.json" : ""));
}

} // namespace switchyard::studio
