#pragma once

#include <CLI/CLI.hpp>

#include "core/session/sampler.h"

namespace switchyard::cli {

/// --temperature, --top-k, --top-p, --min-p, --repetition-penalty, --seed.
void addSamplerFlags(CLI::App* verb, session::SamplerOptions& options);

} // namespace switchyard::cli
