#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/tokenizer/tokenizer.h"

namespace switchyard::jobs {

/// Ids, ascending, of a class of tokens, by the bytes that each stands for (leading blanks aside
/// for all but whitespace and newline):
///   digits       only 0-9, at least one         letters      only A-Z, a-z or bytes of other
///   scripts uppercase    letters, the first one A-Z      punctuation  only other ASCII signs
///   whitespace   only blanks, tabs, line ends    newline      contains a line end
///   special      control tokens
/// Error InvalidArgument listing the classes.
base::Result<std::vector<std::int32_t>> tokenClass(const tokenizer::Tokenizer& tokenizer,
                                                   std::string_view name);

} // namespace switchyard::jobs
