#include "app/studio/shell/palette_places.h"

#include <QDir>
#include <QFileInfo>

#include "app/studio/live/player.h"
#include "app/studio/shell/fuzzy.h"

namespace switchyard::studio {

namespace {

constexpr int kMostFiles = 20;
constexpr int kTextScore = 30; ///< of an exact match in a text: behind good names, before poor ones

QString tr(const char* text) {
  return Workbench::tr(text);
}

bool isPath(const QString& query) {
  return query.startsWith('/') || query.startsWith("~/") || query.startsWith("./") ||
         query.startsWith("../");
}

std::vector<PaletteEntry> filesAt(Workbench& workbench, const QString& query) {
  const QString path = query.startsWith('~') ? QDir::homePath() + query.mid(1) : query;
  const qsizetype slash = path.lastIndexOf('/');
  const QDir folder(path.left(slash + 1));
  const QString begin = path.mid(slash + 1);
  std::vector<PaletteEntry> found;
  const QFileInfoList files =
      folder.entryInfoList({begin + "*"}, QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Readable,
                           QDir::DirsFirst | QDir::Name | QDir::IgnoreCase);
  for (const QFileInfo& file : files.mid(0, kMostFiles)) {
    const QString absolute = file.absoluteFilePath();
    PaletteEntry entry;
    entry.group = tr("Files");
    entry.title = file.fileName() + (file.isDir() ? "/" : "");
    entry.detail = file.isDir() ? QString() : folder.absolutePath();
    entry.icon = file.isDir() ? "folder2-open" : "table";
    entry.score = 1000 - static_cast<int>(found.size());
    for (qsizetype i = 0; i < begin.size(); ++i)
      entry.matched.push_back(i);
    entry.completion = path.left(slash + 1) + entry.title;
    if (file.isDir() && guessKind(absolute) != FileKind::Model)
      entry.reason = tr("a folder; Tab goes into it");
    entry.run = [&workbench, absolute] { workbench.openFile(absolute); };
    found.push_back(std::move(entry));
  }
  return found;
}

/// Goes to a token: selects it, and shows its sequence where it is another one.
void goTo(Workbench& workbench, const TokenKey& token) {
  Player& player = Player::of(workbench);
  const ItemKey trace = workbench.document().current(ItemKind::Trace);
  const bool shown = player.reel() && player.source() == PlaySource::Replay &&
                     player.reel()->item == trace && player.positionOf(token);
  if (!shown && !player.isGenerating() && workbench.document().item(trace))
    player.replay(trace, token.sequence, token.position);
  workbench.selection().select(token);
}

PaletteEntry entryOf(const TextHit& hit, const QString& query, std::size_t number) {
  PaletteEntry entry;
  entry.group = tr("Tokens");
  entry.title = hit.context;
  entry.detail = hit.sequence.isEmpty()
                     ? tr("token %1").arg(hit.token.position)
                     : tr("%1, token %2").arg(hit.sequence).arg(hit.token.position);
  entry.icon = "tag";
  entry.score = kTextScore - static_cast<int>(number);
  for (qsizetype i = 0; i < query.size(); ++i)
    entry.matched.push_back(hit.at + i);
  return entry;
}

} // namespace

std::vector<PaletteEntry> fileEntries(Workbench& workbench, const Settings& settings,
                                      const QString& query) {
  if (isPath(query))
    return filesAt(workbench, query);
  std::vector<PaletteEntry> found;
  for (const QString& path : settings.recentFiles()) {
    const QFileInfo file(path);
    const auto match = fuzzyMatch(query, file.fileName());
    if (!match)
      continue;
    PaletteEntry entry;
    entry.group = tr("Recent files");
    entry.title = file.fileName();
    entry.detail = file.path();
    entry.icon = "folder2-open";
    entry.matched = match->positions;
    entry.score = match->score;
    if (!file.exists())
      entry.reason = tr("it is not there any more");
    entry.run = [&workbench, path] { workbench.openFile(path); };
    found.push_back(std::move(entry));
  }
  return found;
}

std::vector<PaletteEntry> trackEntries(Workbench& workbench, const QString& query) {
  Player& player = Player::of(workbench);
  const Track* track = player.track();
  if (!track || track->isEmpty())
    return {};
  std::vector<std::int32_t> tokens;
  for (std::int64_t p = track->begin(); p < track->end(); ++p)
    tokens.push_back(track->token(p));
  std::vector<TextHit> hits;
  searchTokens(tokens, player.keyOf(track->begin()), player.reel()->title,
               player.texts().tokenizer(), query, hits);
  std::vector<PaletteEntry> found;
  for (const TextHit& hit : hits) {
    PaletteEntry entry = entryOf(hit, query, found.size());
    entry.run = [&workbench, token = hit.token] { workbench.selection().select(token); };
    found.push_back(std::move(entry));
  }
  return found;
}

std::vector<PaletteEntry> hitEntries(Workbench& workbench, const TextHits& hits,
                                     const QString& query) {
  std::vector<PaletteEntry> found;
  for (const auto& [index, id] : hits.sequences) {
    PaletteEntry entry;
    entry.group = tr("Sequences");
    entry.title = id;
    entry.detail = tr("sequence %1").arg(index);
    entry.icon = "soundwave";
    if (const auto match = fuzzyMatch(query, id))
      entry.matched = match->positions;
    entry.score = kTextScore + 20 - static_cast<int>(found.size());
    entry.run = [&workbench, sequence = index] { goTo(workbench, {sequence, 0}); };
    found.push_back(std::move(entry));
  }
  const Player& player = Player::of(workbench);
  const bool alsoShown =
      player.reel() && player.reel()->item == workbench.document().current(ItemKind::Trace);
  for (std::size_t i = 0; i < hits.tokens.size(); ++i) {
    const TextHit& hit = hits.tokens[i];
    if (alsoShown && player.positionOf(hit.token))
      continue; // trackEntries() has it
    PaletteEntry entry = entryOf(hit, query, i);
    entry.run = [&workbench, token = hit.token] { goTo(workbench, token); };
    found.push_back(std::move(entry));
  }
  return found;
}

} // namespace switchyard::studio
