#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace switchyard::tokenizer {

/// Rewrites a pattern in Oniguruma's Ruby syntax (what tokenizer files are written in) so that
/// PCRE2 with UTF, UCP and MULTILINE means the same by it: \s without U+180E, \w and \b with marks,
/// \h as hexadecimal digit, scripts without their extensions.
/// Error Unsupported, naming the construct, for everything that one of the two engines lacks or
/// reads differently and that cannot be rewritten: class intersection (&&), nested classes, \W in a
/// class, interval possession ({n,m}+), backreferences, calls, conditions, callouts, options other
/// than i, unknown escapes. LimitExceeded for patterns above 64 KiB.
base::Result<std::string> toPcreSyntax(std::string_view pattern);

} // namespace switchyard::tokenizer
