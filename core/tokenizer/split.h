#pragma once

#include <vector>

#include "core/base/error.h"
#include "core/tokenizer/pattern.h"
#include "core/tokenizer/pre_tokenizer.h"

namespace switchyard::tokenizer {

class Fields;

/// What becomes of the matches ("delimiters") of a split.
enum class SplitBehavior {
  Removed,
  Isolated,           ///< each a piece of its own
  MergedWithPrevious, ///< the piece before ends with it
  MergedWithNext,     ///< the piece behind begins with it
  Contiguous,         ///< neighbouring matches are one piece
};

/// Reads option `key`. Errors: InvalidFormat, Unsupported.
base::Result<SplitBehavior> parseBehavior(const Fields& fields, const char* key,
                                          const SplitBehavior* fallback = nullptr);

/// Appends the pieces that `stretches` (gapless, in order) give, shifted by `offset`; empty ones
/// are left out. Modifies stretches.
void splitInto(std::vector<Stretch>& stretches, SplitBehavior behavior, std::uint32_t offset,
               std::vector<Piece>& out);

/// Replaces every piece by its parts; find(text, stretches) lists the matches in one piece.
template <typename Find>
base::Result<void> splitPieces(PieceList& list, SplitBehavior behavior, Find&& find) {
  std::vector<Piece> parts;
  parts.reserve(list.pieces.size() + list.text.size() / 4);
  std::vector<Stretch> stretches;
  for (const Piece& piece : list.pieces) {
    stretches.clear();
    SY_TRY(find(list.view(piece), stretches));
    splitInto(stretches, behavior, piece.begin, parts);
  }
  list.atInputStart = list.atInputStart && !list.pieces.empty() && !parts.empty() &&
                      parts.front().begin == list.pieces.front().begin;
  list.pieces = std::move(parts);
  return {};
}

} // namespace switchyard::tokenizer
