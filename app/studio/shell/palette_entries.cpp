#include "app/studio/shell/palette_entries.h"

#include <algorithm>
#include <iterator>

#include <QRegularExpression>

#include "app/studio/shell/fuzzy.h"
#include "app/studio/shell/library_model.h"
#include "app/studio/shell/palette_places.h"

namespace switchyard::studio {

namespace {

constexpr std::size_t kMostRows = 60;

QString tr(const char* text) {
  return Workbench::tr(text);
}

QString plain(QString title) {
  return title.remove('&');
}

PaletteEntry entryOf(const ActionTable::Entry& action) {
  PaletteEntry entry;
  entry.group = action.spec.group;
  entry.title = plain(action.spec.title);
  if (!action.spec.keys.isEmpty())
    entry.keys = action.spec.keys.first().toString(QKeySequence::NativeText);
  entry.icon = action.spec.icon;
  entry.reason = action.action->isEnabled() ? QString()
                 : action.reason.isEmpty()  ? tr("not possible now")
                                            : action.reason;
  entry.run = [run = action.action] { run->trigger(); };
  return entry;
}

const ActionTable::Entry* find(const ActionTable& actions, const QString& id) {
  const auto found = std::ranges::find_if(
      actions.entries(), [&id](const ActionTable::Entry& entry) { return entry.spec.id == id; });
  return found == actions.entries().end() ? nullptr : &*found;
}

std::vector<PaletteEntry> commands(Workbench& workbench, const Settings& settings,
                                   const QString& query) {
  std::vector<PaletteEntry> found;
  const QStringList recent = settings.recentActions();
  if (query.isEmpty())
    for (const QString& id : recent)
      if (const auto* action = find(workbench.actions(), id)) {
        PaletteEntry entry = entryOf(*action);
        entry.group = tr("Recent");
        entry.score = 1000 - static_cast<int>(recent.indexOf(id));
        found.push_back(std::move(entry));
      }
  for (const ActionTable::Entry& action : workbench.actions().entries()) {
    if (query.isEmpty() && recent.contains(action.spec.id))
      continue;
    PaletteEntry entry = entryOf(action);
    if (const auto match = fuzzyMatch(query, entry.title)) {
      entry.score = match->score + (recent.contains(action.spec.id) ? 12 : 0);
      entry.matched = match->positions;
    } else {
      QStringList others = action.spec.synonyms;
      others << action.spec.id << action.spec.group + " " + entry.title;
      for (const QString& other : std::as_const(others))
        if (const auto synonym = fuzzyMatch(query, other))
          entry.score = std::max(entry.score, synonym->score / 2);
      if (entry.score == 0)
        continue;
    }
    if (!entry.reason.isEmpty())
      entry.score = std::max(1, entry.score - 8);
    found.push_back(std::move(entry));
  }
  return found;
}

std::vector<PaletteEntry> items(Workbench& workbench, const QString& query) {
  std::vector<PaletteEntry> found;
  for (int kind = 0; kind < kItemKinds; ++kind)
    for (const ItemKey key : workbench.document().keys(static_cast<ItemKind>(kind))) {
      const Item* item = workbench.document().item(key);
      const auto match = fuzzyMatch(query, item->name);
      if (!match)
        continue;
      PaletteEntry entry;
      entry.group = tr("Library");
      entry.title = item->name;
      entry.detail = item->detail;
      entry.icon = kindIcon(item->kind);
      entry.matched = match->positions;
      entry.score = match->score;
      entry.run = [&workbench, kind = item->kind, key] {
        workbench.document().setCurrent(kind, key);
        if (kind == ItemKind::Result)
          workbench.showResult(key);
      };
      found.push_back(std::move(entry));
    }
  return found;
}

std::vector<PaletteEntry> expertEntries(Workbench& workbench, const ExpertKey& expert) {
  std::vector<PaletteEntry> found;
  const QString name = toText(expert);
  const auto add = [&](const QString& group, const QString& title, const QString& detail,
                       const QString& actionId, const QString& image, std::function<void()> run) {
    PaletteEntry entry;
    entry.group = group;
    entry.title = title.arg(name);
    entry.detail = detail;
    entry.icon = image;
    if (const auto* action = find(workbench.actions(), actionId);
        action && !action->spec.keys.isEmpty())
      entry.keys = action->spec.keys.first().toString(QKeySequence::NativeText);
    const qsizetype at = entry.title.indexOf(name);
    for (qsizetype i = 0; i < name.size(); ++i)
      entry.matched.push_back(at + i);
    entry.score = 500 - static_cast<int>(found.size());
    entry.run = std::move(run);
    found.push_back(std::move(entry));
  };
  const auto select = [&workbench, expert] { workbench.selection().select(expert); };
  const auto go = [&workbench, select](const char* view) {
    return [&workbench, select, view] {
      select();
      workbench.showView(view);
    };
  };
  const auto steer = [&workbench, expert](SteerStep step) {
    return [&workbench, expert, step] { workbench.steer(step, expert); };
  };
  const auto trigger = [&workbench, select](const char* id) {
    return [&workbench, select, id] {
      select();
      if (QAction* action = workbench.actions().action(id))
        action->trigger();
    };
  };
  add(tr("Go to"), tr("Expert %1"), {}, "view.experts", "grid-3x3", go("experts"));
  add(tr("Go to"), tr("Co-activation of %1"), {}, "view.coactivation", "diagram-3",
      go("coactivation"));
  add(tr("Go to"), tr("Specialization of %1"), {}, "view.specialization", "tag",
      go("specialization"));
  add(tr("Change"), tr("Ban %1"), tr("adds a step to the recipe"), "selection.ban", "slash-circle",
      steer(SteerStep::Ban));
  add(tr("Change"), tr("Boost %1…"), {}, "selection.boost", "lightning",
      trigger("selection.boost"));
  add(tr("Change"), tr("Force %1"), {}, "selection.force", "node-plus", steer(SteerStep::Force));
  add(tr("Change"), tr("Pin %1 as reference"), {}, "selection.pin", "pin-angle",
      [&workbench, expert] { workbench.selection().setPin(expert); });
  add(tr("Filter"), tr("Show only tokens routed to %1"), {}, "selection.only-tokens", "funnel",
      [&workbench, expert] {
        TokenFilter filter = workbench.selection().filter();
        filter.routedTo = expert;
        workbench.selection().setFilter(filter);
      });
  add(tr("Filter"), tr("Copy data of %1"), {}, "edit.copy-data", "clipboard",
      trigger("edit.copy-data"));
  return found;
}

std::vector<PaletteEntry> tokenEntries(Workbench& workbench, const QString& query) {
  static const QRegularExpression form("^@\\s*(?:(\\d+)\\s*[:/ ]\\s*)?(\\d+)$");
  const auto match = form.match(query);
  std::vector<PaletteEntry> found;
  PaletteEntry entry;
  entry.group = tr("Go to");
  entry.icon = "tag";
  entry.score = 1;
  if (!match.hasMatch()) {
    entry.title = tr("Token: type @POSITION, @SEQUENCE:POSITION or @text");
    entry.reason = tr("a number or a text is missing");
  } else {
    const TokenKey token{match.captured(1).toLongLong(), match.captured(2).toLongLong()};
    entry.title = tr("Select %1").arg(toText(token));
    entry.run = [&workbench, token] { workbench.selection().select(token); };
  }
  found.push_back(std::move(entry));
  return found;
}

} // namespace

void orderByGroup(std::vector<PaletteEntry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const PaletteEntry& a, const PaletteEntry& b) { return a.score > b.score; });
  std::vector<QString> groups;
  for (const PaletteEntry& entry : entries)
    if (std::ranges::find(groups, entry.group) == groups.end())
      groups.push_back(entry.group);
  const auto rank = [&groups](const PaletteEntry& entry) {
    return std::ranges::find(groups, entry.group) - groups.begin();
  };
  std::stable_sort(
      entries.begin(), entries.end(),
      [&rank](const PaletteEntry& a, const PaletteEntry& b) { return rank(a) < rank(b); });
}

QString textOfQuery(const QString& query) {
  const QString text = query.trimmed();
  static const QRegularExpression place("^@\\s*[\\d:/ ]*$");
  if (text.startsWith('>') || text.startsWith('/') || text.startsWith('~') ||
      place.match(text).hasMatch())
    return {};
  const QString wanted = text.startsWith('@') ? text.mid(1).trimmed() : text;
  return wanted.size() < 2 ? QString() : wanted;
}

std::vector<PaletteEntry> paletteEntries(Workbench& workbench, const Settings& settings,
                                         const QString& query) {
  const QString text = query.trimmed();
  if (text.startsWith('@'))
    return textOfQuery(text).isEmpty() ? tokenEntries(workbench, text)
                                       : trackEntries(workbench, textOfQuery(text));
  static const QRegularExpression expertForm("^[lL]?\\s*(\\d+)\\s*[\\s:,]?\\s*[eE]?\\s*(\\d+)$");
  std::vector<PaletteEntry> found;
  const auto expert = expertForm.match(text);
  const bool namesExpert = expert.hasMatch() && text.contains(QRegularExpression("\\D"));
  if (namesExpert)
    found = expertEntries(workbench, {expert.captured(1).toInt(), expert.captured(2).toInt()});
  const bool commandsOnly = text.startsWith('>');
  const QString wanted = commandsOnly ? text.mid(1).trimmed() : text;
  if (!namesExpert) {
    found = commands(workbench, settings, wanted);
    const auto add = [&found](std::vector<PaletteEntry> more) {
      std::ranges::move(more, std::back_inserter(found));
    };
    if (!commandsOnly && !wanted.isEmpty()) {
      add(items(workbench, wanted));
      add(fileEntries(workbench, settings, wanted));
    }
    if (const QString asked = textOfQuery(text); !asked.isEmpty())
      add(trackEntries(workbench, asked));
  }
  if (found.size() > kMostRows && !wanted.isEmpty()) {
    std::stable_sort(found.begin(), found.end(), [](const PaletteEntry& a, const PaletteEntry& b) {
      return a.score > b.score;
    });
    found.resize(kMostRows);
  }
  orderByGroup(found);
  return found;
}

} // namespace switchyard::studio
