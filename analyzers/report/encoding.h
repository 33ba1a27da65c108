#pragma once

#include <string>
#include <string_view>

namespace switchyard::analyzers::report {

/// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string validUtf8(std::string_view text);

/// The shortest decimal form that reads back as the same double; "null" for NaN and infinities.
std::string exactNumber(double value);

/// For people: at most `digits` significant digits, no exponent between 1e-4 and 1e7; "-" for NaN.
std::string shortNumber(double value, int digits = 4);

} // namespace switchyard::analyzers::report
