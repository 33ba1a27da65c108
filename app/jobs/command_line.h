#pragma once

#include <string>

#include "core/session/sampler.h"

namespace switchyard::jobs {

/// A word as a POSIX shell needs it to read the same word back.
std::string shellQuoted(const std::string& word);

/// " --temperature 0.7 --seed 1 ...": the options that are not at their defaults.
std::string samplerFlags(const session::SamplerOptions& options);

} // namespace switchyard::jobs
