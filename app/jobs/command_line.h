#pragma once

#include <string>

namespace switchyard::jobs {

/// A word as a POSIX shell needs it to read the same word back.
std::string shellQuoted(const std::string& word);

} // namespace switchyard::jobs
