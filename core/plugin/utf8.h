#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace switchyard::plugin {

/// The text with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string toValidUtf8(std::string_view text);

/// A NUL-terminated string of a plugin, at most maxBytes of it, made valid; null gives "".
std::string foreignText(const char* text, std::size_t maxBytes);

} // namespace switchyard::plugin
