#pragma once

#include <string>
#include <string_view>

namespace switchyard::tokenizer::chat {

// Python's case mappings of well-formed text (full mappings, sigma at the end of words). Fault
// Unsupported for the few characters whose mapping is several characters and that are not known
// here.

std::string toUpper(std::string_view text);
std::string toLower(std::string_view text);
std::string swapCase(std::string_view text);
std::string capitalized(std::string_view text); ///< first upper, the rest lower
std::string titled(std::string_view text);      ///< str.title(): each run of letters

bool isSpace(char32_t c); ///< Python's str.isspace of one character
bool isLetter(char32_t c);
bool isDecimal(char32_t c); ///< general category Nd
bool isNumber(char32_t c);  ///< general category N*
bool isUpper(char32_t c);
bool isLower(char32_t c);
/// str.isdigit of one character.
bool isDigit(char32_t c);

/// Without the characters of `set` (white space if null) at the start and the end.
std::string stripped(std::string_view text, const std::string* set, bool start = true,
                     bool end = true);

} // namespace switchyard::tokenizer::chat
