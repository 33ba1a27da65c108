#pragma once

#include <string>
#include <string_view>

#include "core/tokenizer/chat_template/value.h"

namespace switchyard::tokenizer::chat {

/// Python's "%s %03d" % values (a tuple, or one value): s, r, d, i, u, f, F and %%, with flags,
/// width and precision. Faults: Type; Unsupported for other conversions and mapping keys.
std::string printfFormat(const std::string& format, const Value& values);

/// Python's "{} {name!r:>5}".format(...): fields with attributes and items, and specifications of
/// fill, alignment, sign, 0, width, precision and type s, d or f. Faults as above.
std::string braceFormat(const std::string& format, const Arguments& arguments);

/// Text of at least `width` characters. alignment: '<', '>', '^', or 'c', which is how
/// str.center() puts an odd space. Fault Limit for a width too large.
std::string padded(std::string text, std::int64_t width, char alignment, std::string_view fill);

} // namespace switchyard::tokenizer::chat
