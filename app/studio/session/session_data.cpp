#include "app/studio/session/session_data.h"

#include <tuple>

namespace switchyard::studio {

SessionData snapshot(Document& document) {
  SessionData data;
  for (int kind = 0; kind < kItemKinds; ++kind) {
    const auto which = static_cast<ItemKind>(kind);
    for (const ItemKey key : document.keys(which)) {
      Item item = *document.item(key);
      item.loaded.reset(); // weights are loaded again when they are needed
      data.items.push_back(std::move(item));
    }
    data.current[static_cast<std::size_t>(kind)] = document.current(which);
  }
  const Selection& selection = document.selection();
  data.tokens = selection.tokens();
  data.primaryToken = selection.primaryToken();
  data.experts = selection.experts();
  data.primaryExpert = selection.primaryExpert();
  data.pin = selection.pin();
  data.filter = selection.filter();
  data.report = document.report();
  std::tie(data.journal, data.journalIndex) = document.journal();
  data.saved = QDateTime::currentDateTime();
  return data;
}

void restore(Document& document, const SessionData& data) {
  document.clear();
  document.restore(data.items, data.report, data.journal, data.journalIndex);
  for (int kind = 0; kind < kItemKinds; ++kind)
    if (const ItemKey key = data.current[static_cast<std::size_t>(kind)]; document.item(key))
      document.setCurrent(static_cast<ItemKind>(kind), key);
  Selection& selection = document.selection();
  // The primary comes last: a set alone makes its first member primary.
  selection.selectTokens(data.tokens);
  if (data.primaryToken)
    selection.select(*data.primaryToken, SelectMode::Extend);
  selection.selectExperts(data.experts);
  if (data.primaryExpert)
    selection.select(*data.primaryExpert, SelectMode::Extend);
  selection.setPin(data.pin);
  selection.setFilter(data.filter);
}

} // namespace switchyard::studio
