#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/error.h"
#include "core/tokenizer/normalizer.h"

namespace switchyard::tokenizer {

/// A part of PieceList::text that is tokenized on its own.
struct Piece {
  std::uint32_t begin = 0; ///< byte
  std::uint32_t end = 0;   ///< byte behind the last; never empty
};

/// A text in the pre-tokenizer's hands. Pieces are in order and do not overlap; what no piece
/// covers was removed.
struct PieceList {
  std::string text;
  std::vector<Piece> pieces;
  bool atInputStart = false; ///< pieces.front() begins with the first character of the input

  std::string_view view(const Piece& piece) const {
    return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
  }
};

/// One step. Immutable and thread-safe.
class PreTokenizer {
public:
  virtual ~PreTokenizer() = default;
  virtual base::Result<void> apply(PieceList& list, EncodeBudget& budget) const = 0;
};

struct PreTokenizers {
  std::vector<std::unique_ptr<const PreTokenizer>> steps;
  /// The pieces are bytes still to be written in the byte alphabet: what a ByteLevel at the end of
  /// the chain does to each of them.
  bool byteAlphabetLast = false;
  bool byteLevel = false;             ///< there is a ByteLevel somewhere
  std::u32string spaceReplacements{}; ///< what Metaspace steps write for a space
};

/// The "pre_tokenizer" of a tokenizer file as a flat list of steps: Split, ByteLevel, Digits,
/// Metaspace, Whitespace, Punctuation, Sequence; null gives none.
/// Errors: Unsupported for other types and options, InvalidFormat, LimitExceeded.
base::Result<PreTokenizers> parsePreTokenizers(const nlohmann::json& json);

} // namespace switchyard::tokenizer
