#pragma once

namespace switchyard::tokenizer {

/// The Unicode property White_Space. (U+180E is not white space.)
bool isWhiteSpace(char32_t c);

/// What a word is made of: Alphabetic, marks, decimal and letter numbers, connector punctuation
/// and the two joiners (UTS #18 \w).
bool isWordCharacter(char32_t c);

/// General category N*.
bool isNumeric(char32_t c);

/// General category P*, and the ASCII symbols $+<=>^`|~.
bool isPunctuation(char32_t c);

} // namespace switchyard::tokenizer
