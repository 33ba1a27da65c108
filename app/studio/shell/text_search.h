#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QString>

#include "app/studio/document/selection.h"
#include "app/studio/live/track.h"
#include "core/base/progress.h"
#include "core/tokenizer/tokenizer.h"
#include "core/trace/reader.h"

namespace switchyard::studio {

/// A place in a text that a search has found.
struct TextHit {
  TokenKey token;   ///< the first one of the match
  QString sequence; ///< its id; empty: the text that is being generated
  QString context;  ///< the match with some text around it, in one line
  qsizetype at = 0; ///< where the match begins in `context`
};

struct TextHits {
  std::vector<std::pair<qint64, QString>> sequences; ///< whose id or label matches: index, id
  std::vector<TextHit> tokens;
};

/// So many of each are looked for.
constexpr std::size_t kMostHits = 8;

/// Places where the tokens from `first` on, put together, contain `wanted`; case does not count
/// unless wanted has capitals. tokenizer may be null: nothing is found. Appends to hits, up to
/// kMostHits.
void searchTokens(std::span<const std::int32_t> tokens, TokenKey first, const QString& sequence,
                  const tokenizer::Tokenizer* tokenizer, const QString& wanted,
                  std::vector<TextHit>& hits);

/// Searches a trace from its beginning until enough is found: ids and labels of all sequences, then
/// their text. Any thread. Errors: those of the reader; Cancelled.
base::Result<TextHits> searchTrace(const trace::Trace& trace, const tokenizer::Tokenizer* tokenizer,
                                   const QString& wanted, const base::RunControl& control);

} // namespace switchyard::studio
