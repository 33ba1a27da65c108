#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/decoder.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/post_processor.h"
#include "core/tokenizer/pre_tokenizer.h"

namespace switchyard::tokenizer {

/// The parts of a tokenizer file.
struct TokenizerParts {
  Bpe model;
  Normalizers normalizers;
  AddedTokens added;
  PreTokenizers preTokenizers;
  Template postProcessor;
  Decoder decoder;
  std::size_t size = 0;

  // bytes(id) is displayBytes[displayOffsets[id], displayOffsets[id + 1]).
  std::string displayBytes;
  std::vector<std::uint32_t> displayOffsets;

  std::string_view token(std::int32_t id) const;   ///< as the file writes it; empty: there is none
  std::string_view decoded(std::int32_t id) const; ///< what goes to the decoder
};

} // namespace switchyard::tokenizer
