#pragma once

#include <memory>
#include <string>

#include "core/tokenizer/decoder.h"
#include "core/tokenizer/metaspace.h"

namespace switchyard::tokenizer {

/// The sinks that decoders are made of. Each passes what it makes to `next`, which it borrows.

/// Appends everything to `out`.
std::unique_ptr<TokenSink> appendTo(std::string& out);
/// Puts a space between tokens.
std::unique_ptr<TokenSink> joinWithSpaces(TokenSink& next);
/// Gathers the parts of a fused token and passes it on, whole, at the end.
std::unique_ptr<TokenSink> gather(TokenSink& next);
/// The bytes behind the byte alphabet, as one text; ill-formed UTF-8 becomes U+FFFD.
std::unique_ptr<TokenSink> byteLevel(TokenSink& next);
/// Replaces `text` in every token.
std::unique_ptr<TokenSink> replace(TokenSink& next, std::string text, std::string content);
/// Tokens "<0xXX>" in a row are the bytes of a text; if it is ill-formed, U+FFFD for each of them.
std::unique_ptr<TokenSink> byteFallback(TokenSink& next);
/// Removes at most `start` times `content` at the start of every token, `stop` times at its end.
std::unique_ptr<TokenSink> strip(TokenSink& next, char32_t content, std::size_t start,
                                 std::size_t stop);
/// The same for a fused token, at its start only.
std::unique_ptr<TokenSink> stripFusedStart(TokenSink& next, char32_t content, std::size_t start);
/// The replacement becomes a space; in the first token it is dropped unless the scheme is Never.
std::unique_ptr<TokenSink> metaspace(TokenSink& next, const Metaspace& options);

} // namespace switchyard::tokenizer
