#pragma once

#include <optional>
#include <vector>

#include <QString>

namespace switchyard::studio {

struct FuzzyMatch {
  int score = 0;                    ///< higher is better; > 0
  std::vector<qsizetype> positions; ///< of matched characters in the text, ascending
};

/// Whether all characters of `query` (blanks aside) stand in `text` in this order, case ignored,
/// and how well: runs and word starts count more, gaps and long texts less. An empty query matches
/// everything with score 1.
std::optional<FuzzyMatch> fuzzyMatch(QStringView query, QStringView text);

} // namespace switchyard::studio
