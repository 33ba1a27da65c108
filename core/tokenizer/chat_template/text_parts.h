#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::tokenizer::chat {

// Cutting and joining texts as Python does; methods and filters share these.

/// At white space, none at the ends; at most `most` cuts (-1: all), from the right if `right`.
std::vector<std::string> splitWords(std::string_view text, std::int64_t most, bool right);
/// At a separator that is not empty.
std::vector<std::string> splitText(std::string_view text, std::string_view separator,
                                   std::int64_t most, bool right);
/// At every line boundary that Python knows.
std::vector<std::string> splitLines(std::string_view text, bool keepEnds);
/// The characters [from, to), which lie in the text.
std::string_view characterRange(std::string_view text, std::int64_t from, std::int64_t to);
/// The first `most` (-1: all) occurrences replaced; an empty `old` stands between all characters.
std::string replaced(std::string_view text, std::string_view old, std::string_view with,
                     std::int64_t most);
/// isupper / islower: no cased character of the other case, and at least one.
bool hasCase(std::string_view text, bool upper);
/// & < > ' " as HTML entities, as markupsafe writes them.
std::string escapeHtml(std::string_view text);

} // namespace switchyard::tokenizer::chat
