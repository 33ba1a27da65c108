#pragma once

#include <span>

#include "core/model/pass.h"
#include "core/model/weights.h"

namespace switchyard::model {

/// One row [hidden] through a norm of the model's kind. In place allowed.
void normRow(const ModelConfig& config, const NormWeights& norm, std::span<const float> in,
             std::span<float> out);

/// All rows of the pass, [T, hidden]. In place allowed.
void normRows(const LayerPass& pass, const NormWeights& norm, const float* in, float* out);

} // namespace switchyard::model
