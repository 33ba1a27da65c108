#include "app/studio/timeline/compared_replay.h"

#include "app/studio/live/replay.h"

namespace switchyard::studio {

namespace {

/// The sequence of a trace with this id; NotFound if there is none.
base::Result<std::int64_t> sequenceWithId(const trace::Trace& trace, const std::string& id) {
  const auto reader = SY_TRY(trace.reader());
  std::int64_t found = -1;
  SY_TRY(reader->forEachSequence(
      0, trace.sequences(),
      [&](const trace::SequenceInfo& info, const trace::SequenceSize&) -> base::Result<void> {
        if (found < 0 && info.id == id)
          found = info.index;
        return {};
      }));
  if (found < 0)
    return base::fail(base::ErrorCode::NotFound, "the other trace has no such document");
  return found;
}

} // namespace

ComparedReplay::ComparedReplay(Player& player, Workbench& workbench, QObject* parent)
    : QObject(parent), m_player(player), m_workbench(workbench) {
  connect(&player, &Player::reelChanged, this, &ComparedReplay::follow);
  connect(&workbench.document(), &Document::comparedChanged, this, &ComparedReplay::follow);
}

void ComparedReplay::follow() {
  const Reel* reel = m_player.reel();
  const ItemKey other = reel && reel->source == PlaySource::Replay
                            ? m_workbench.document().comparedWith(reel->item)
                            : 0;
  const Item* item = m_workbench.document().item(other);
  if (!item || !item->trace) {
    if (std::exchange(m_other, 0) != 0)
      m_player.setOther(nullptr);
    m_asked = nullptr;
    return;
  }
  if (m_asked == reel && m_other == other)
    return;
  m_asked = reel;
  m_other = other;
  m_player.setOther(nullptr);
  m_workbench.jobs().run<ReplayWindow>(
      {tr("Read the same text of %1").arg(item->name), "replay.other"}, this,
      [trace = item->trace, id = reel->title.toStdString(),
       position = reel->track.begin()](const JobContext& context) -> base::Result<ReplayWindow> {
        return loadReplay(trace, SY_TRY(sequenceWithId(*trace, id)), position, context.control);
      },
      [this, reel, other](base::Result<std::shared_ptr<const ReplayWindow>> window) {
        // Without its counterpart the text is shown alone.
        if (!window || m_player.reel() != reel || m_other != other)
          return;
        auto made = std::make_shared<Reel>();
        made->source = PlaySource::Replay;
        made->track = (*window)->track;
        made->total = (*window)->total;
        made->title = QString::fromStdString((*window)->info.id);
        made->item = other;
        m_player.setOther(std::move(made));
      });
}

} // namespace switchyard::studio
