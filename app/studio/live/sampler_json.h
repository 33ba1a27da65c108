#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/session/sampler.h"

namespace switchyard::studio {

/// The sampler's settings as members "seed", "temperature", "top_k", "top_p", "min_p" and
/// "repetition_penalty" of a JSON object, as sessions and kept texts have them.
nlohmann::json toJson(const session::SamplerOptions& sampler);

/// Takes over every setting that `object` has as a number; false if one is missing. Ranges are
/// session::validate()'s matter.
bool readSampler(const nlohmann::json& object, session::SamplerOptions& sampler);

} // namespace switchyard::studio
