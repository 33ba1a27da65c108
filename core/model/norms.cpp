#include "core/model/norms.h"

#include "core/model/linear.h"
#include "core/tensor/ops/vector_ops.h"

namespace switchyard::model {

void normRow(const ModelConfig& config, const NormWeights& norm, std::span<const float> in,
             std::span<float> out) {
  if (config.norm == NormKind::Layer)
    tensor::layerNorm(in, norm.weight, norm.bias, config.normEps, out);
  else
    tensor::rmsNorm(in, norm.weight, config.normEps, out);
}

void normRows(const LayerPass& pass, const NormWeights& norm, const float* in, float* out) {
  const std::int64_t hidden = pass.config.hidden;
  const auto width = static_cast<std::size_t>(hidden);
  pass.context.threads.parallelRanges(
      pass.rows, partsFor(pass.context.threads, pass.rows * hidden * 8),
      [&](std::int64_t, std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
          normRow(pass.config, norm, {in + row * hidden, width}, {out + row * hidden, width});
      });
}

} // namespace switchyard::model
