#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/base/rng.h"

namespace switchyard::tests {

/// One to eight random changes of a seed: flipped bits, bytes and ranges removed, repeated or
/// inserted, numbers replaced by dangerous ones, quoted text exchanged with that of another seed.
/// Depends on the generator and the seeds only. At most maxBytes long.
std::string mutate(std::span<const std::string> seeds, base::Rng& rng, std::size_t maxBytes);

} // namespace switchyard::tests
