// What the timeline shows: the live text or a trace, and the trace that is compared with it.

#include <algorithm>
#include <cmath>

#include <QComboBox>

#include "app/studio/theme/theme.h"
#include "app/studio/timeline/timeline.h"

namespace switchyard::studio {

namespace {
constexpr double kColumn = 3; ///< px
}

void Timeline::follow() {
  refreshChoice();
  if (m_player.source() == PlaySource::Live)
    setTrace(0);
  else if (m_player.source() == PlaySource::Replay)
    setTrace(m_player.reel()->item);
  else
    setTrace(m_workbench.document().current(ItemKind::Trace));
}

void Timeline::refreshChoice() {
  m_choice->clear();
  const Document& document = m_workbench.document();
  if (m_player.source() == PlaySource::Live)
    m_choice->addItem(tr("live"), 0);
  for (const ItemKey key : document.keys(ItemKind::Trace))
    m_choice->addItem(document.item(key)->name, key);
  m_choice->setCurrentIndex(m_choice->findData(m_trace));
  m_choice->setVisible(m_choice->count() > 0);
}

void Timeline::setTrace(ItemKey trace) {
  const bool same = trace == m_trace;
  m_trace = trace;
  m_choice->setCurrentIndex(m_choice->findData(m_trace));
  if (!same || !trace) {
    m_index = nullptr;
    m_lane.setSource(nullptr, nullptr);
    m_otherLane = nullptr;
    m_other = 0;
    m_zoomed = false;
  }
  if (trace != 0 && !m_index)
    readIndex({});
  if (m_index || trace == 0)
    followCompared();
  if (!m_zoomed)
    fit();
  announce();
}

void Timeline::setLabel(const QString& key) {
  if (!showsLive())
    readIndex(key);
}

void Timeline::readIndex(const QString& label) {
  const Item* item = m_workbench.document().item(m_trace);
  if (!item || !item->trace)
    return;
  m_workbench.jobs().run<SequenceIndex>(
      {tr("Read the sequences of %1").arg(item->name), "timeline.index"}, this,
      [trace = item->trace, label = label.toStdString()](const JobContext& context) {
        return SequenceIndex::build(trace, label, context.control);
      },
      [this, key = m_trace](base::Result<std::shared_ptr<const SequenceIndex>> index) {
        if (key != m_trace || !index)
          return;
        m_index = *index;
        const Item* shown = m_workbench.document().item(key);
        m_lane.setSource(shown ? shown->trace : nullptr, m_index);
        m_otherLane = nullptr;
        m_other = 0;
        followCompared();
        if (!m_zoomed)
          fit();
        startSampling();
        announce();
        Q_EMIT ready();
      });
}

void Timeline::startSampling() {
  if (showsLive() || !m_index)
    return;
  const auto first = static_cast<std::int64_t>(m_first);
  const auto last = std::min(m_index->tokens(), static_cast<std::int64_t>(std::ceil(m_last)));
  const int columns = static_cast<int>(std::min<double>(
      plot().width() / Theme::instance().px(kColumn), static_cast<double>(last - first)));
  m_lane.read({first, last, columns});
  if (m_otherLane)
    m_otherLane->read({first, last, columns});
}

void Timeline::followCompared() {
  const ItemKey other = m_trace != 0 ? m_workbench.document().comparedWith(m_trace) : 0;
  const Item* item = m_workbench.document().item(other);
  if (other == m_other && (other == 0 || m_otherLane || !m_otherFits))
    return;
  m_other = other;
  m_otherLane = nullptr;
  m_otherFits = true;
  update();
  if (!item || !item->trace)
    return;
  m_workbench.jobs().run<SequenceIndex>(
      {tr("Read the sequences of %1").arg(item->name), "timeline.other"}, this,
      [trace = item->trace](const JobContext& context) {
        return SequenceIndex::build(trace, {}, context.control);
      },
      [this, other](base::Result<std::shared_ptr<const SequenceIndex>> index) {
        if (index && other == m_other)
          acceptOther(other, *index);
      });
}

void Timeline::acceptOther(ItemKey other, const std::shared_ptr<const SequenceIndex>& index) {
  const Item* item = m_workbench.document().item(other);
  if (!item || !item->trace || !m_index)
    return;
  m_otherFits = index->sequences() == m_index->sequences() && index->tokens() == m_index->tokens();
  for (std::int64_t s = 0; s < m_index->sequences() && m_otherFits; ++s)
    m_otherFits = index->start(s) == m_index->start(s);
  if (m_otherFits) {
    m_otherLane = std::make_unique<LaneReader>(m_workbench, "timeline.lane.other", this);
    connect(m_otherLane.get(), &LaneReader::changed, this, [this] { update(); });
    m_otherLane->setSource(item->trace, index);
    startSampling();
  }
  update();
}

bool Timeline::hasOther() const {
  if (showsLive())
    return m_player.source() == PlaySource::Live && m_player.other() &&
           m_player.other()->source == PlaySource::Live;
  return m_otherLane != nullptr;
}

} // namespace switchyard::studio
