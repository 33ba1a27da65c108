#pragma once

#include <string>

#include "app/jobs/decoders.h"
#include "app/jobs/generate.h"
#include "core/session/sampler.h"

namespace switchyard::jobs {

/// A word as a POSIX shell needs it to read the same word back.
std::string shellQuoted(const std::string& word);

/// " --temperature 0.7 --seed 1 ...": the options that are not at their defaults.
std::string samplerFlags(const session::SamplerOptions& options);

/// The `switchyard generate` that continues a prompt; recipe: a file, or empty.
std::string generateCommand(const std::string& model, const std::string& prompt,
                            const GenerateOptions& options, const DecoderRequest& decoder,
                            const std::string& recipe);

} // namespace switchyard::jobs
