#pragma once

#include <span>
#include <string>

#include <QString>

#include "app/studio/live/generation.h"

namespace switchyard::studio {

/// The file that keeps a text while it is generated, so that a crash does not lose it: lines of
/// JSON, first how the text was asked for, then the ids of its tokens in the order of their making,
/// any number in a line. It only grows: a line that a crash cut off is the last one.

/// The first line. What the request forces is not in it: those are the first tokens.
std::string keptHead(const LiveRequest& request);
std::string keptLine(std::span<const base::TokenId> tokens);

/// The request that makes the kept text again and then goes on: all tokens of the file are forced.
/// Its model is not loaded, and it is recorded nowhere. A last line that is not whole is left out.
/// Errors: NotFound, Io, LimitExceeded; InvalidFormat if it is no such file.
base::Result<LiveRequest> readKeptText(const QString& path);

/// What the tokens of such a request say behind its prompt; reads the tokenizer of its model.
/// Errors: those of jobs::loadTokenizer.
base::Result<QString> wordsOf(const LiveRequest& request);

} // namespace switchyard::studio
