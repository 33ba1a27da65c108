#pragma once

#include <string>

#include "core/base/ids.h"
#include "core/tokenizer/decoder.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::tokenizer {

/// Decodes a sequence that is still growing. What add() and finish() return, joined, is exactly
/// what Tokenizer::decode() gives for all ids at once. Not for several threads at the same time.
class StreamDecoder {
public:
  StreamDecoder(const Tokenizer& tokenizer, bool skipSpecial);
  StreamDecoder(const StreamDecoder&) = delete;
  StreamDecoder& operator=(const StreamDecoder&) = delete;

  /// The text that is certain now and was not before: whole characters, possibly none. An unknown
  /// id is left out. Byte-fallback tokens are held back until their run ends.
  std::string add(base::TokenId id);
  /// What was held back. Call it once, at the end.
  std::string finish();

private:
  Tokenizer m_tokenizer;
  bool m_skipSpecial;
  std::string m_text;
  Decoder::Run m_run;
};

} // namespace switchyard::tokenizer
