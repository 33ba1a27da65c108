#include "app/studio/shell/fuzzy.h"

#include <algorithm>

namespace switchyard::studio {

namespace {

bool startsWord(QStringView text, qsizetype at) {
  if (at == 0)
    return true;
  const QChar before = text[at - 1];
  return !before.isLetterOrNumber() || (before.isLower() && text[at].isUpper());
}

/// The greedy match that starts at or after `from`.
std::optional<FuzzyMatch> matchFrom(const QString& query, QStringView text, qsizetype from) {
  FuzzyMatch match;
  qsizetype at = from;
  for (const QChar wanted : query) {
    while (at < text.size() && text[at].toCaseFolded() != wanted)
      ++at;
    if (at == text.size())
      return std::nullopt;
    if (!match.positions.empty())
      match.score -= static_cast<int>(std::min<qsizetype>(at - match.positions.back() - 1, 6));
    const bool runs = !match.positions.empty() && match.positions.back() == at - 1;
    match.score += runs ? 16 : startsWord(text, at) ? 10 : 2;
    match.positions.push_back(at++);
  }
  match.score += match.positions.front() == 0 ? 8 : 0;
  match.score -= static_cast<int>(std::min<qsizetype>(text.size() / 8, 6));
  match.score = std::max(match.score, 1);
  return match;
}

} // namespace

std::optional<FuzzyMatch> fuzzyMatch(QStringView query, QStringView text) {
  QString wanted;
  for (const QChar c : query)
    if (!c.isSpace())
      wanted += c.toCaseFolded();
  if (wanted.isEmpty())
    return FuzzyMatch{1, {}};
  std::optional<FuzzyMatch> best;
  for (qsizetype from = 0; from < text.size(); ++from) {
    if (text[from].toCaseFolded() != wanted[0])
      continue;
    const auto match = matchFrom(wanted, text, from);
    if (!match)
      break; // nor from any later place
    if (!best || match->score > best->score)
      best = match;
  }
  return best;
}

} // namespace switchyard::studio
