#include "app/studio/timeline/carried_selection.h"

#include <map>
#include <string>
#include <utility>

namespace switchyard::studio {

using base::Result;

Result<Counterparts> findCounterparts(const trace::Trace& from, const trace::Trace& to,
                                      const std::vector<TokenKey>& tokens,
                                      std::optional<TokenKey> primary,
                                      const base::RunControl& control) {
  std::map<qint64, std::string> ids; // of the sequences that have selected tokens
  const auto reader = SY_TRY(from.reader());
  for (const TokenKey& token : tokens)
    if (token.sequence >= 0 && token.sequence < from.sequences() && !ids.contains(token.sequence))
      ids[token.sequence] = SY_TRY(reader->sequence(token.sequence, trace::SequenceText::Skip)).id;
  struct Place {
    qint64 sequence, rows;
  };
  std::map<std::string, Place> places;
  for (const auto& [sequence, id] : ids)
    places[id] = {-1, 0};
  const auto other = SY_TRY(to.reader());
  SY_TRY(other->forEachSequence(
      0, to.sequences(),
      [&](const trace::SequenceInfo& info, const trace::SequenceSize& size) -> Result<void> {
        const auto place = places.find(info.id);
        if (place != places.end() && place->second.sequence < 0)
          place->second = {info.index, size.rows};
        return control.check();
      }));
  Counterparts found;
  for (const TokenKey& token : tokens) {
    const auto id = ids.find(token.sequence);
    const Place place = id == ids.end() ? Place{-1, 0} : places[id->second];
    const bool isPrimary = primary == token;
    if (place.sequence >= 0 && token.position < place.rows) {
      found.tokens.push_back({place.sequence, token.position});
      if (isPrimary)
        found.primary = found.tokens.back();
    } else if (isPrimary) {
      found.lost = id == ids.end() ? toText(token)
                                   : CarriedSelection::tr("%1, token %2")
                                         .arg(QString::fromStdString(id->second))
                                         .arg(token.position);
    }
  }
  return found;
}

CarriedSelection::CarriedSelection(Player& player, Workbench& workbench, QObject* parent)
    : QObject(parent), m_player(player), m_workbench(workbench) {
  const Document& document = workbench.document();
  connect(&document, &Document::currentChanged, this, [this](ItemKind kind) {
    if (kind == ItemKind::Trace)
      follow();
  });
  connect(&document, &Document::itemChanged, this, [this](int key) {
    if (const Item* item = m_workbench.document().item(key); item && key == m_key)
      m_trace = item->trace;
  });
  follow();
}

void CarriedSelection::follow() {
  const Item* item = m_workbench.document().currentItem(ItemKind::Trace);
  if (!item || !item->trace)
    return; // what comes after it counts
  const auto from = std::exchange(m_trace, item->trace);
  m_key = item->key;
  Selection& selection = m_workbench.selection();
  // A text that is generated has tokens of its own, whatever trace is the current one.
  if (!from || from == m_trace || selection.tokens().empty() ||
      m_player.source() == PlaySource::Live)
    return;
  m_workbench.jobs().run<Counterparts>(
      {tr("Find the selected tokens in %1").arg(item->name), "selection"}, this,
      [from, to = m_trace, tokens = selection.tokens(),
       primary = selection.primaryToken()](const JobContext& context) {
        return findCounterparts(*from, *to, tokens, primary, context.control);
      },
      [this, to = m_trace, tokens = selection.tokens(), primary = selection.primaryToken(),
       name = item->name](base::Result<std::shared_ptr<const Counterparts>> found) {
        Selection& now = m_workbench.selection();
        if (!found || m_trace != to || now.tokens() != tokens || now.primaryToken() != primary)
          return;
        const Counterparts& all = **found;
        now.carryTokens(all.tokens, all.primary,
                        all.lost.isEmpty()
                            ? QString()
                            : tr("%1 has no counterpart in %2.").arg(all.lost, name));
      });
}

} // namespace switchyard::studio
